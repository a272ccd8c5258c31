package modelpatch.evaluate;

import static modelpatch.evaluate.Verdict.RIGHT;
import static modelpatch.evaluate.Verdict.UNPARSED;
import static modelpatch.evaluate.Verdict.WRONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.document.ReportJson;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Protocol PROTOCOL = Protocol.generated(FewShot.none(Form.CLOZE));
    private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(500, 1);

    private static CaseOutcome outcome(String id, String bridge, Verdict hop1, Verdict hop2, Verdict composition) {
        return new CaseOutcome(
                id,
                "report",
                bridge,
                "answer",
                reply(composition),
                List.of(reply(hop1), reply(hop2)),
                Tally.of(composition.right()),
                List.of(Tally.of(hop1.right()), Tally.of(hop2.right())),
                hop1.right() && hop2.right());
    }

    private static Reply reply(Verdict verdict) {
        return new Reply("prompt", "predicted", verdict, verdict.right(), 1, List.of(), Optional.empty());
    }

    private static Evaluation evaluation(Protocol protocol, CaseOutcome... outcomes) {
        return Evaluation.of(protocol, List.of(outcomes), true, BOOTSTRAP);
    }

    private static final Evaluation BEFORE = evaluation(
            PROTOCOL,
            outcome("a", "b1", RIGHT, RIGHT, WRONG),
            outcome("b", "b1", RIGHT, RIGHT, UNPARSED),
            outcome("c", "b2", RIGHT, WRONG, RIGHT),
            outcome("d", "b2", RIGHT, RIGHT, RIGHT),
            outcome("e", "b3", RIGHT, RIGHT, RIGHT),
            outcome("gone", "b3", RIGHT, RIGHT, RIGHT));
    private static final Evaluation AFTER = evaluation(
            PROTOCOL,
            outcome("e", "b3", RIGHT, RIGHT, RIGHT),
            outcome("d", "b2", WRONG, RIGHT, WRONG),
            outcome("c", "b2", RIGHT, RIGHT, RIGHT),
            outcome("b", "b1", RIGHT, RIGHT, RIGHT),
            outcome("a", "b1", RIGHT, RIGHT, RIGHT),
            outcome("new", "b1", RIGHT, RIGHT, RIGHT));

    @Test
    void casesArePairedByIdAndOnlyThoseInBothAreCompared() {
        Comparison comparison = Comparison.of(BEFORE, AFTER, BOOTSTRAP);
        assertThat(comparison.cases()).isEqualTo(5);
        assertThat(comparison.onlyBefore()).containsExactly("gone");
        assertThat(comparison.onlyAfter()).containsExactly("new");
        assertThat(comparison.sets()).containsOnlyKeys("composition", "composition_known", "hop1", "hop2");

        SetOutcome composition = comparison.sets().get("composition");
        assertThat(composition.pairs()).isEqualTo(new PairedOutcome(2, 1, 2, 0, 1));
        assertThat(composition.improved()).containsExactly("a", "b");
        assertThat(composition.worsened()).containsExactly("d");
        assertThat(composition.clusters()).isEqualTo(3);
        assertThat(composition.parsedOnly()).isEqualTo(new PairedOutcome(2, 1, 1, 0, 0));
        assertThat(composition.pValue()).isCloseTo(1, within(1e-12));
        assertThat(composition.correctionInterval()).isEqualTo(Interval.wilson(1, 1)); // one bridge, all corrected
        assertThat(comparison.sets().get("composition_known").pairs()).isEqualTo(new PairedOutcome(1, 1, 2, 0, 1));
        assertThat(comparison.sets().get("hop1").pairs()).isEqualTo(new PairedOutcome(4, 1, 0, 0, 0));
        assertThat(comparison.sets().get("hop2").pairs()).isEqualTo(new PairedOutcome(4, 0, 1, 0, 0));
    }

    @Test
    void comparedWithItselfNothingChanges() {
        Comparison comparison = Comparison.of(BEFORE, BEFORE, BOOTSTRAP);
        comparison.sets().values().forEach(set -> {
            assertThat(set.n10() + set.n01()).isZero();
            assertThat(set.improved()).isEmpty();
            assertThat(set.pValue()).isEqualTo(1);
        });
    }

    @Test
    void numbersOfTwoProtocolsAreNotComparedByAccident() {
        Protocol slow = PROTOCOL.as(Protocol.Kind.SLOW);
        Evaluation other = evaluation(slow, outcome("a", "b1", RIGHT, RIGHT, RIGHT));
        assertThatThrownBy(() -> Comparison.of(BEFORE, other, BOOTSTRAP))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("generated")
                .hasMessageContaining("slow");
    }

    @Test
    void evaluationsWithoutACommonCaseAreRefused() {
        Evaluation other = evaluation(PROTOCOL, outcome("z", "b1", RIGHT, RIGHT, RIGHT));
        assertThatThrownBy(() -> Comparison.of(BEFORE, other, BOOTSTRAP))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("6 and 1 cases, none in both");
    }

    @Test
    void jsonOfASetHasCountsRatesAndIntervals() throws Exception {
        SetOutcome set = Comparison.of(BEFORE, AFTER, BOOTSTRAP).sets().get("hop1");
        JsonNode json = ReportJson.mapper().valueToTree(set);
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "n11",
                        "n10",
                        "n01",
                        "n00",
                        "unparsed",
                        "r_C",
                        "r_C_ci",
                        "r_O",
                        "r_O_ci",
                        "delta",
                        "parsed_only",
                        "mcnemar_p",
                        "clusters",
                        "improved",
                        "worsened");
        assertThat(json.get("r_C").isNull()).isTrue();
        assertThat(json.get("r_C_ci").isNull()).isTrue();
        assertThat(json.get("r_O").asDouble()).isEqualTo(0.2);
        assertThat(json.get("r_O_ci").size()).isEqualTo(2);
        assertThat(ReportJson.mapper().treeToValue(json, SetOutcome.class)).isEqualTo(set);
    }
}
