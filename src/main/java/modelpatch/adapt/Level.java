package modelpatch.adapt;

import java.util.Locale;
import modelpatch.BadInput;

/**
 * How much an adapter is told, from least to most about the question itself. A report without its level is unfair to what it is compared
 * with: other remedies are told other things.
 */
public enum Level {
    /** Gold answers of other subjects to the same two relations: test-time training proper. */
    T1("gold answers of other subjects"),
    /** Those, and what the model itself says to the single hops of the question: rehearsing the parts. */
    T2("gold answers of other subjects, own single hops"),
    /** Those, and the gold single hops: knowledge is injected; fair only beside the same facts in the prompt. */
    T3("gold answers of other subjects, gold single hops"),
    /** No gold at all: the model's own slow answer to the question, where two wordings agree. What slow thinking knows is its ceiling. */
    T4("own slow answers");

    /** Where a lesson comes from. */
    public enum Source {
        /** A composition of another subject with its gold answer. */
        DEMONSTRATION,
        /** A single hop with the model's own answer. */
        OWN_HOP,
        /** A single hop with its gold answer. */
        GOLD_HOP,
        /** The question itself with the model's own slow answer. */
        OWN_COMPOSITION;

        String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private final String supervision;

    Level(String supervision) {
        this.supervision = supervision;
    }

    /** What it is told, in words, for tables. */
    public String supervision() {
        return supervision;
    }

    public boolean allows(Source source) {
        return switch (source) {
            case DEMONSTRATION -> this != T4;
            case OWN_HOP -> this == T2;
            case GOLD_HOP -> this == T3;
            case OWN_COMPOSITION -> this == T4;
        };
    }

    /** @throws BadInput where the level forbids a source */
    void require(Source source, String given) {
        if (!allows(source)) {
            throw new BadInput(
                    "the level forbids what is given",
                    "--level " + name(),
                    supervision,
                    given + " (" + source.words() + ")",
                    "leave it out, or take a level that allows it");
        }
    }
}
