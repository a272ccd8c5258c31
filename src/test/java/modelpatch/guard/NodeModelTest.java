package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Replica;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.Test;

/** A model that a node opens is the one that was meant. */
class NodeModelTest {
    private static final Path MODEL = Path.of("models", "default");

    @Test
    void itIsOpenedFromItsTextWithItsDigest() throws JsonProcessingException {
        try (PatchedModel here = PatchedModel.open(MODEL, PatchStack.empty(), LoadOptions.defaults())) {
            NodeModel node = NodeModel.of(here, List.of(), false);
            String text = ReportJson.mapper().writerFor(Replica.class).writeValueAsString(node);
            Replica read = ReportJson.mapper().readValue(text, Replica.class);
            assertThat(read).isEqualTo(node);
            assertThat(node.path()).isEqualTo(MODEL.toAbsolutePath().toString());
            assertThat(read.memory()).isPositive();
            try (Replica.Opened there = read.open(1)) {
                assertThat(there.model().digest()).isEqualTo(here.base().digest());
            }
        }
    }

    @Test
    void otherFilesAtItsPathAreRefused() {
        try (PatchedModel here = PatchedModel.open(MODEL, PatchStack.empty(), LoadOptions.defaults())) {
            NodeModel meant = NodeModel.of(here, List.of(), false);
            NodeModel weights =
                    new NodeModel(meant.path(), List.of(), false, "0".repeat(64), meant.reading(), meant.memory());
            assertThatThrownBy(() -> weights.open(1))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("another model", meant.path(), "0".repeat(64), meant.digest());
            NodeModel reading =
                    new NodeModel(meant.path(), List.of(), false, meant.digest(), "another", meant.memory());
            assertThatThrownBy(() -> reading.open(1))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("configuration");
        }
    }
}
