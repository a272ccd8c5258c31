package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.model.TokenIds;

/**
 * The prompts of one edit, without the few-shot prefix, which stands before all of them.
 *
 * @param rows what must change, ascending by case
 * @param mentions sentences in which the phrase of the first hops should say what the bridge's name says, ascending by case
 * @param held what must stay, near the cases: guides, single hops, neighbours
 * @param bank what must stay anywhere else
 * @param beginnings how many beginnings of bank prompts must stay too: what a model says before it comes to the answer
 * @param unscored prompts of cases that were moved along, in all wordings: they can no longer show that the edit generalises
 */
public record EditPrompts(
        List<Row> rows,
        List<Row> mentions,
        List<String> held,
        List<String> bank,
        int beginnings,
        Set<String> unscored) {

    private static final String IS_A = " is a";

    /**
     * One prompt to change, and its guide.
     *
     * @param index of the case, from 0
     * @param phrase where the first hops' phrase stands in the composition
     * @param bridge where the bridge's name stands in the guide
     * @param goal what is told of the answer; empty for an editor that is told none
     */
    public record Row(int index, String composition, String guide, Span phrase, Span bridge, Optional<Goal> goal) {}

    /**
     * What an editor is told that teaches an answer.
     *
     * @param subject where the name of the entity stands in the composition that it names
     * @param answer what should follow the composition
     */
    public record Goal(Span subject, String answer) {}

    /**
     * Some characters of a prompt.
     *
     * @param to one past the last
     */
    public record Span(int from, int to) {
        String in(String prompt) {
            return prompt.substring(from, to);
        }
    }

    public EditPrompts {
        rows = List.copyOf(rows);
        mentions = List.copyOf(mentions);
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
                        mentions.stream().map(Row::composition),
                        mentions.stream().map(Row::guide),
                        held.stream(),
                        bank.stream(),
                        essences().stream())
                .flatMap(one -> one);
    }

    /** "X is a" for the subject X of each case that is told an answer: what the model says of it otherwise (ROME, section 3.1). */
    private List<String> essences() {
        Map<Integer, String> subjects = new TreeMap<>();
        rows.forEach(row -> row.goal()
                .ifPresent(
                        goal -> subjects.putIfAbsent(row.index(), goal.subject().in(row.composition()))));
        return subjects.values().stream().map(subject -> subject + IS_A).toList();
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
     * @param ends by role, for each prompt the position of the token that ends the first hops' phrase, or the bridge's name where the role
     *     names it; -1 for a prompt without either
     * @param mentionCases for each mention the index of its case
     * @param told for each edit prompt what is told of its answer; empty where nothing is
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Encoded(
            int[] prefix, Map<Role, List<int[]>> ids, Map<Role, int[]> ends, int[] mentionCases, List<Told> told) {
        /** The same with some of the edit prompts and their guides, by their places. */
        Encoded withRows(int[] kept) {
            Map<Role, List<int[]>> someIds = new EnumMap<>(ids);
            Map<Role, int[]> someEnds = new EnumMap<>(ends);
            for (Role role : List.of(Role.EDIT, Role.GUIDE)) {
                someIds.computeIfPresent(
                        role,
                        (key, all) -> Arrays.stream(kept).mapToObj(all::get).toList());
                someEnds.computeIfPresent(
                        role, (key, all) -> Arrays.stream(kept).map(i -> all[i]).toArray());
            }
            List<Told> someTold = told.isEmpty()
                    ? told
                    : Arrays.stream(kept).mapToObj(told::get).toList();
            return new Encoded(prefix, someIds, someEnds, mentionCases, someTold);
        }
    }

    /**
     * A prompt with its answer.
     *
     * @param ids of both, after the prefix, encoded as the one text that they are
     * @param answer how many of the last ids are the answer's
     * @param subject position of the last token of the subject's name
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Told(int[] ids, int answer, int subject) {
        /** The ids of the answer. */
        int[] target() {
            return Arrays.copyOfRange(ids, ids.length - answer, ids.length);
        }
    }

    /** The prompts as the protocol puts them to a model. */
    Encoded encode(LanguageModel model, Protocol protocol) {
        PromptEncoder encoder = new PromptEncoder(model, protocol.frame());
        Map<Role, List<int[]>> whole = new EnumMap<>(Role.class);
        whole.put(Role.EDIT, encode(encoder, rows.stream().map(Row::composition).toList()));
        whole.put(Role.GUIDE, encode(encoder, rows.stream().map(Row::guide).toList()));
        whole.put(
                Role.MENTION,
                encode(encoder, mentions.stream().map(Row::composition).toList()));
        whole.put(Role.NAMED, encode(encoder, mentions.stream().map(Row::guide).toList()));
        whole.put(Role.PROTECTED, encode(encoder, held));
        whole.put(Role.BANK, encode(encoder, bank));
        boolean writable = essences().stream().allMatch(encoder::canWrite);
        whole.put(Role.ESSENCE, writable ? encode(encoder, essences()) : List.of());
        List<int[]> everything = new ArrayList<>();
        whole.values().forEach(everything::addAll);
        int[] prefix = encoder.shared(everything);
        whole.replaceAll((role, ids) -> PromptEncoder.without(prefix, ids));
        whole.computeIfPresent(Role.BANK, (role, ids) -> withBeginnings(ids));
        return new Encoded(
                prefix,
                whole,
                ends(encoder, prefix.length),
                mentions.stream().mapToInt(Row::index).toArray(),
                told(encoder, prefix.length));
    }

    private List<Told> told(PromptEncoder encoder, int prefix) {
        return rows.stream()
                .flatMap(row -> row.goal().stream().map(goal -> {
                    PromptEncoder.Continued continued = encoder.encode(row.composition(), List.of(goal.answer()));
                    int[] answer = continued.answers().get(0);
                    int subject =
                            encoder.tokenOf(row.composition(), goal.subject().to() - 1);
                    if (subject >= continued.prompt().length) {
                        throw new BadInput(
                                "the subject's last token changes with the answer",
                                "prompt '" + row.composition() + "'",
                                "a token between the subject's name and '" + goal.answer() + "'",
                                "none",
                                "give the relation a sentence that does not end in {}");
                    }
                    int[] ids = TokenIds.joined(continued.prompt(), answer);
                    return new Told(Arrays.copyOfRange(ids, prefix, ids.length), answer.length, subject - prefix);
                }))
                .toList();
    }

    private Map<Role, int[]> ends(PromptEncoder encoder, int prefix) {
        Map<Role, int[]> ends = new EnumMap<>(Role.class);
        ends.put(Role.EDIT, ends(encoder, prefix, rows, Row::composition, Row::phrase));
        ends.put(Role.GUIDE, ends(encoder, prefix, rows, Row::guide, Row::bridge));
        ends.put(Role.MENTION, ends(encoder, prefix, mentions, Row::composition, Row::phrase));
        ends.put(Role.NAMED, ends(encoder, prefix, mentions, Row::guide, Row::bridge));
        ends.put(
                Role.ESSENCE,
                essences().stream()
                        .mapToInt(text -> encoder.tokenOf(text, text.length() - IS_A.length() - 1) - prefix)
                        .toArray());
        Set<String> phrases = new LinkedHashSet<>();
        rows.forEach(row -> phrases.add(row.phrase().in(row.composition())));
        ends.put(
                Role.PROTECTED,
                held.stream()
                        .mapToInt(prompt -> phrases.stream()
                                .filter(prompt::contains)
                                .mapToInt(phrase ->
                                        encoder.tokenOf(prompt, prompt.indexOf(phrase) + phrase.length() - 1) - prefix)
                                .findFirst()
                                .orElse(-1))
                        .toArray());
        return ends;
    }

    private static int[] ends(
            PromptEncoder encoder, int prefix, List<Row> rows, Function<Row, String> prompt, Function<Row, Span> span) {
        return rows.stream()
                .mapToInt(row ->
                        encoder.tokenOf(prompt.apply(row), span.apply(row).to() - 1) - prefix)
                .toArray();
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
