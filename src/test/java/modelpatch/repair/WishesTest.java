package modelpatch.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import modelpatch.BadInput;
import modelpatch.document.Json;
import modelpatch.edit.EditPlan;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Method;
import modelpatch.edit.TinyWorld;
import modelpatch.locate.Findings;
import modelpatch.locate.FindingsFile;
import modelpatch.model.Conformance2;
import modelpatch.model.LanguageModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans for a model whose first layer has an MLP and whose second has experts. */
class WishesTest {
    @TempDir
    Path folder;

    /** Findings by which the first MLP alone carries the effect, and both together do. */
    private Findings findings(TinyWorld world) throws IOException {
        world.find();
        JsonNode json = Json.object(world.findingsFile());
        ObjectNode layers = (ObjectNode) json.at("/last/layers");
        ArrayNode mlp = layers.putArray("mlp");
        mlp.add(layer(0, 0, 0));
        layers.putArray("mlp_windows").add(layer(1, 0, 1));
        Files.writeString(world.findingsFile(), json.toString());
        return FindingsFile.read(world.findingsFile());
    }

    private static JsonNode layer(int layer, int first, int last) {
        ObjectNode ranked =
                Json.object().put("layer", layer).put("first", first).put("last", last);
        ranked.put("effect", 2).put("control", 1).put("score", 1);
        ranked.putArray("ci").add(0.5).add(1.5);
        return ranked;
    }

    private static Wishes wDown(List<Integer> layers) {
        OptionalDouble own = OptionalDouble.empty();
        OptionalInt usual = OptionalInt.empty();
        Optional<EditedMatrix> matrix = Optional.of(EditedMatrix.W_DOWN);
        return new Wishes(Optional.empty(), layers, List.of(), matrix, own, own, own, own, usual, usual);
    }

    @Test
    void aSearchEditsWDownWhereALayerHasOneAndAWishForAnotherIsRefusedByName() throws IOException {
        TinyWorld world = TinyWorld.at(folder, Conformance2.path("deepseek_v3"));
        Findings findings = findings(world);
        try (LanguageModel model = world.open()) {
            assertThat(wDown(List.of(0)).with(Method.CREME_PAPER).plans(findings, model, 1))
                    .hasSize(1);
            assertThatThrownBy(() -> wDown(List.of(0, 1)).plans(findings, model, 1))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("layer 1 of tiny")
                    .hasMessageContaining("experts, each with its own; edit W_O");
            List<EditPlan> free = Wishes.NONE.with(Method.SPREAD_RESTORING).plans(findings, model, 2);
            assertThat(free)
                    .isNotEmpty()
                    .allSatisfy(plan -> assertThat(plan.isPossible(model)).isTrue());
            assertThat(free)
                    .filteredOn(plan -> plan.matrix() == EditedMatrix.W_DOWN)
                    .isNotEmpty()
                    .allSatisfy(plan -> assertThat(plan.layers()).containsExactly(0));
        }
    }

    @Test
    void withoutASearchEachMethodHasOnePlanTheOneThatHoldsOthersMost() throws IOException {
        TinyWorld world = TinyWorld.at(folder);
        world.find();
        Findings findings = FindingsFile.read(world.findingsFile());
        try (LanguageModel model = world.open()) {
            List<EditPlan> all = Wishes.NONE.plans(findings, model, 1);
            List<EditPlan> atOnce = Wishes.NONE.atOnce(findings, model, 1);
            assertThat(atOnce).hasSizeBetween(1, 3).allMatch(plan -> plan.isPossible(model));
            assertThat(atOnce).extracting(EditPlan::method).doesNotHaveDuplicates();
            assertThat(atOnce)
                    .filteredOn(plan -> plan.method() == Method.CREME_TEMPLATES)
                    .singleElement()
                    .satisfies(plan -> assertThat(plan.lambda())
                            .isEqualTo(all.stream()
                                    .filter(one -> one.method() == plan.method() && one.matrix() == plan.matrix())
                                    .mapToDouble(EditPlan::lambda)
                                    .max()
                                    .orElseThrow()));
            assertThat(Wishes.on(List.of(1)).with(Method.CREME_PAPER).atOnce(findings, model, 1))
                    .singleElement()
                    .satisfies(plan -> assertThat(plan.layers()).containsExactly(1));
        }
    }
}
