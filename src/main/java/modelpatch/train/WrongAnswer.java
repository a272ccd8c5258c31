package modelpatch.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;

/** What a wrong answer to a composition is, read from its text alone; the first that fits counts. */
enum WrongAnswer {
    @JsonProperty("bridge")
    BRIDGE("the bridge: it stops after the first hop"),
    @JsonProperty("shortcut")
    SHORTCUT("the second hop asked of the subject: the first hop is skipped"),
    @JsonProperty("bridge_fact")
    BRIDGE_FACT("another fact about the bridge"),
    @JsonProperty("subject_fact")
    SUBJECT_FACT("another fact about the subject"),
    @JsonProperty("other_bridge")
    OTHER_BRIDGE("the second hop asked of a wrong bridge"),
    @JsonProperty("subject")
    SUBJECT("the subject itself"),
    @JsonProperty("other")
    OTHER("anything else");

    private final String meaning;

    WrongAnswer(String meaning) {
        this.meaning = meaning;
    }

    String meaning() {
        return meaning;
    }

    static WrongAnswer of(World world, CompositionalCase one, String text) {
        String second = one.relations().get(1);
        if (text.equals(one.bridge())) {
            return BRIDGE;
        }
        if (world.facts()
                .find(one.subject(), second)
                .map(Fact::object)
                .filter(text::equals)
                .isPresent()) {
            return SHORTCUT;
        }
        if (world.facts().about(one.bridge()).stream()
                .anyMatch(fact -> fact.object().equals(text))) {
            return BRIDGE_FACT;
        }
        if (world.facts().about(one.subject()).stream()
                .anyMatch(fact -> fact.object().equals(text))) {
            return SUBJECT_FACT;
        }
        if (world.facts().facts().stream()
                .anyMatch(
                        fact -> fact.relation().equals(second) && fact.object().equals(text))) {
            return OTHER_BRIDGE;
        }
        return text.equals(one.subject()) ? SUBJECT : OTHER;
    }
}
