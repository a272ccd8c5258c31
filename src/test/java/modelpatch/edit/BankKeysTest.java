package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.model.SteppedRun;
import modelpatch.solve.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BankKeysTest {
    @TempDir
    Path folder;

    @Test
    void rememberedKeysAreThoseOfARunBlockByBlockInAnyOrderOfAsking() throws Exception {
        int[] prefix = {3, 5};
        List<int[]> prompts = List.of(new int[] {7, 8, 9}, new int[] {11}, new int[] {4, 6, 2, 10});
        try (LanguageModel model = TinyWorld.at(folder).open();
                SteppedRun run = model.step(prefix, prompts)) {
            BankKeys bank = new BankKeys(model, EditedMatrix.W_O);
            bank.at(prefix, List.of(prompts.get(2)), 1);
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                Map<Site.Kind, float[][]> read = run.read(layer, java.util.Set.of(Site.Kind.Z));
                Matrix keys = bank.at(prefix, prompts, layer);
                for (int j = 0; j < prompts.size(); j++) {
                    for (int i = 0; i < keys.rows(); i++) {
                        assertThat(keys.get(i, j)).isCloseTo(read.get(Site.Kind.Z)[j][i], within(1e-5));
                    }
                }
            }
        }
    }
}
