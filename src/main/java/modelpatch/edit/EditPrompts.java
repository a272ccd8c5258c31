package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;

/**
 * The prompts of one edit, without the few-shot prefix, which stands before all of them.
 *
 * @param rows what must change, ascending by case
 * @param held what must stay, near the cases: guides, single hops, neighbours
 * @param bank what must stay anywhere else
 * @param beginnings how many beginnings of bank prompts must stay too: what a model says before it comes to the answer
 * @param unscored prompts of cases that were moved along, in all wordings: they can no longer show that the edit generalises
 */
public record EditPrompts(List<Row> rows, List<String> held, List<String> bank, int beginnings, Set<String> unscored) {

    /**
     * One prompt to change, and its guide.
     *
     * @param index of the case, from 0
     */
    public record Row(int index, String composition, String guide) {}

    public EditPrompts {
        rows = List.copyOf(rows);
        held = List.copyOf(held);
        bank = List.copyOf(bank);
        unscored = Set.copyOf(unscored);
    }

    /** The probes without those of generalisation that ask what was moved along. */
    public List<Probe> scorable(List<Probe> probes) {
        return probes.stream()
                .filter(probe -> probe.set() != EditSet.GENERALISATION
                        || !unscored.contains(probe.question().prompt()))
                .toList();
    }

    /** All prompts that an edit sees, guides and protected ones included. */
    public Stream<String> all() {
        return Stream.of(
                        rows.stream().map(Row::composition),
                        rows.stream().map(Row::guide),
                        held.stream(),
                        bank.stream())
                .flatMap(one -> one);
    }

    /**
     * Checks that nothing is scored that the edit has seen; the primary compositions of the edited cases, which the correction set is made
     * of, are what it is for.
     *
     * @throws BadInput when a scored prompt stands among those of the edit
     */
    public void requireUnscored(List<Probe> probes) {
        Set<String> seen = new HashSet<>(all().toList());
        for (Probe probe : probes) {
            if (probe.set() != EditSet.CORRECTION
                    && seen.contains(probe.question().prompt())) {
                throw new BadInput(
                        "a scored prompt stands among those of the edit",
                        probe.id(),
                        "edit, validation and test templates that share no sentence",
                        probe.question().prompt(),
                        "give the relation other templates for one of them");
            }
        }
    }

    /**
     * Token ids by role.
     *
     * @param prefix ids before every prompt
     * @param ids by role, without the prefix
     */
    record Encoded(int[] prefix, Map<Role, List<int[]>> ids) {}

    /** The prompts as the protocol puts them to a model. */
    Encoded encode(LanguageModel model, Protocol protocol) {
        PromptEncoder encoder = new PromptEncoder(model, protocol.frame());
        Map<Role, List<int[]>> whole = new EnumMap<>(Role.class);
        whole.put(Role.EDIT, encode(encoder, rows.stream().map(Row::composition).toList()));
        whole.put(Role.GUIDE, encode(encoder, rows.stream().map(Row::guide).toList()));
        whole.put(Role.PROTECTED, encode(encoder, held));
        whole.put(Role.BANK, encode(encoder, bank));
        List<int[]> everything = new ArrayList<>();
        whole.values().forEach(everything::addAll);
        int[] prefix = encoder.shared(everything);
        whole.replaceAll((role, ids) -> PromptEncoder.without(prefix, ids));
        whole.computeIfPresent(Role.BANK, (role, ids) -> withBeginnings(ids));
        return new Encoded(prefix, whole);
    }

    /** The same and some of them cut off after any token, drawn once and for all. */
    private List<int[]> withBeginnings(List<int[]> ids) {
        List<int[]> all = new ArrayList<>(ids);
        SplittableRandom random = new SplittableRandom(0);
        for (int i = 0; i < beginnings && !ids.isEmpty(); i++) {
            int[] whole = ids.get(random.nextInt(ids.size()));
            all.add(Arrays.copyOf(whole, 1 + random.nextInt(whole.length)));
        }
        return all;
    }

    private static List<int[]> encode(PromptEncoder encoder, List<String> prompts) {
        return prompts.stream().map(prompt -> encoder.encode(prompt, 0)).toList();
    }

    /** For each row the index of its case. */
    int[] cases() {
        return rows.stream().mapToInt(Row::index).toArray();
    }
}
