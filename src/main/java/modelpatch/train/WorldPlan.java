package modelpatch.train;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What a synthetic world consists of, and which of its compositions are taught.
 *
 * @param relations the file with the sentences of the relations, relative to the file that names it
 * @param firstHopNever the chance that a fact never serves as the first hop of a taught chain, in [0, 1]
 * @param secondHopNever the chance that a fact never serves as the last hop of a taught chain, in [0, 1]
 * @param taughtShare the share of the remaining chains that is taught, in [0, 1]
 * @param kinds the kinds of entities; a relation's objects are the entities of the kind named by its object type
 */
public record WorldPlan(
        String relations, double firstHopNever, double secondHopNever, double taughtShare, List<Kind> kinds) {
    public WorldPlan {
        TrainingConfig.require(relations != null, "missing key 'relations'");
        TrainingConfig.require(kinds != null && !kinds.isEmpty(), "missing key 'kinds'");
        TrainingConfig.requireShare("firstHopNever", firstHopNever);
        TrainingConfig.requireShare("secondHopNever", secondHopNever);
        TrainingConfig.requireShare("taughtShare", taughtShare);
        kinds = List.copyOf(kinds);
        Set<String> seen = new HashSet<>();
        for (Kind kind : kinds) {
            if (!seen.add(kind.kind())) {
                throw new IllegalArgumentException("the kind " + kind.kind() + " is listed twice");
            }
        }
    }

    /**
     * Entities that have the same relations.
     *
     * @param kind its name, such as {@code city}
     * @param lead a word that sentences put before the name of such an entity, such as {@code the}; empty for none
     * @param words the entities themselves; empty where their names are invented
     * @param invented how names are invented; null where {@code words} are given
     * @param facts relations that every entity of the kind has
     * @param some relations of which every entity has only a few; null for none
     */
    public record Kind(String kind, String lead, List<String> words, Invented invented, List<String> facts, Some some) {
        public Kind {
            TrainingConfig.require(kind != null && !kind.isBlank(), "missing key 'kind'");
            lead = Objects.requireNonNullElse(lead, "");
            words = words == null ? List.of() : List.copyOf(words);
            facts = facts == null ? List.of() : List.copyOf(facts);
            if (words.isEmpty() == (invented == null)) {
                throw new IllegalArgumentException(
                        "the kind " + kind + " needs either 'words' or 'invented', not both");
            }
        }
    }

    /**
     * Names of one invented word, or of a given part and an invented word.
     *
     * @param count how many
     * @param given first parts, used in turn ({@code Arlo} Venn, {@code Song of} Venn); none for names of one word
     * @param endings what invented words of this kind end in
     */
    public record Invented(int count, List<String> given, List<String> endings) {
        public Invented {
            TrainingConfig.require(endings != null, "missing key 'endings'");
            given = given == null ? List.of() : List.copyOf(given);
            endings = List.copyOf(endings);
            if (count < 1 || endings.isEmpty()) {
                throw new IllegalArgumentException("invented names need a count of at least 1 and at least one ending");
            }
        }
    }

    /** For every entity {@code each} relations drawn from {@code of}. */
    public record Some(int each, List<String> of) {
        public Some {
            TrainingConfig.require(of != null, "missing key 'of'");
            of = List.copyOf(of);
            if (each < 0 || each > of.size()) {
                throw new IllegalArgumentException("cannot draw " + each + " of " + of.size() + " relations");
            }
        }
    }
}
