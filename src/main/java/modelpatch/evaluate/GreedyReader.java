package modelpatch.evaluate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import modelpatch.BadInput;
import modelpatch.model.AnswerModel;
import modelpatch.tokenizer.Tokenizer;

/** Greedy continuations of prompts; a prompt that was continued before is not run again. */
final class GreedyReader {
    /** Names of tokens that are no text, such as {@code <|im_end|>} and {@code </s>}; a model that writes one has ended its text. */
    private static final Pattern SPECIAL = Pattern.compile("<(?!0x)[^<>\\s]{1,40}>");

    private static final int[] NO_GUESS = {};

    private final AnswerModel model;
    private final Protocol protocol;
    private final PromptEncoder encoder;
    private final Set<Integer> ends;
    private final Map<Key, Continuation> known = new HashMap<>();
    /** By what was asked, what was said: a guess for a model that mostly says the same. */
    private final Map<Key, int[]> written = new HashMap<>();

    private final Function<Key, int[]> guess;
    private final KeptContinuations kept;

    GreedyReader(AnswerModel model, Protocol protocol) {
        this(model, protocol, KeptContinuations.none());
    }

    /** A reader that need not run what is kept of the model. */
    GreedyReader(AnswerModel model, Protocol protocol, KeptContinuations kept) {
        this(model, protocol, key -> NO_GUESS, kept);
    }

    /** A reader of a model that mostly says what another one says. */
    GreedyReader(AnswerModel model, Protocol protocol, GreedyReader like) {
        this(model, protocol, key -> like.written.getOrDefault(key, NO_GUESS), KeptContinuations.none());
    }

    private GreedyReader(AnswerModel model, Protocol protocol, Function<Key, int[]> guess, KeptContinuations kept) {
        this.guess = guess;
        this.kept = kept;
        this.model = model;
        this.protocol = protocol;
        this.ends = model.endTokens();
        this.encoder = new PromptEncoder(model, protocol.frame());
    }

    /**
     * One thing to continue.
     *
     * @param atSentenceEnd whether the continuation may end with its first sentence, because no accepted name holds the end of one
     */
    private record Key(String prompt, boolean atSentenceEnd) {
        static Key of(String prompt, List<String> names) {
            return new Key(prompt, names.stream().noneMatch(AnswerMatch::holdsSentenceEnd));
        }

        String question() {
            return (atSentenceEnd ? "sentence " : "line ") + prompt;
        }
    }

    /**
     * What the model wrote.
     *
     * @param text up to the first special token
     * @param tokens how many tokens were written, the special one too
     */
    record Continuation(String text, int tokens) {}

    /** Forgets what was continued, so that what comes next depends on nothing that came before. */
    void forget() {
        known.clear();
    }

    /**
     * Continues prompts in one batch.
     *
     * @param names for each prompt the accepted names
     */
    List<Continuation> read(List<String> prompts, List<List<String>> names) {
        List<Key> keys = new ArrayList<>();
        Set<Key> missing = new LinkedHashSet<>();
        for (int i = 0; i < prompts.size(); i++) {
            requireRoom(names.get(i));
            Key key = Key.of(prompts.get(i), names.get(i));
            keys.add(key);
            if (!known.containsKey(key)) {
                kept.of(key.question()).ifPresentOrElse(ids -> take(key, ids), () -> missing.add(key));
            }
        }
        generate(missing.stream().filter(Key::atSentenceEnd).toList(), true);
        generate(missing.stream().filter(key -> !key.atSentenceEnd()).toList(), false);
        return keys.stream().map(known::get).toList();
    }

    private void generate(List<Key> keys, boolean atSentenceEnd) {
        if (keys.isEmpty()) {
            return;
        }
        List<int[]> sequences = keys.stream()
                .map(key -> encoder.encode(key.prompt(), protocol.maxNewTokens()))
                .toList();
        int[] prefix = encoder.shared(sequences);
        List<int[]> continuations = model.generate(
                prefix,
                PromptEncoder.without(prefix, sequences),
                keys.stream().map(guess).toList(),
                protocol.maxNewTokens(),
                ids -> finished(ids, atSentenceEnd));
        Map<String, int[]> all = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            take(keys.get(i), continuations.get(i));
            all.put(keys.get(i).question(), continuations.get(i));
        }
        kept.keep(all);
    }

    private void take(Key key, int[] ids) {
        written.put(key, ids);
        known.put(key, new Continuation(text(ids), ids.length));
    }

    /**
     * Continues prompts beyond their first line.
     *
     * @param newTokens how long a text may be
     * @param finished whether a text, as far as it goes, is long enough
     */
    List<Continuation> write(List<String> prompts, int newTokens, Predicate<String> finished) {
        List<int[]> sequences = prompts.stream()
                .map(prompt -> encoder.encode(prompt, newTokens))
                .toList();
        int[] prefix = encoder.shared(sequences);
        List<Continuation> written = new ArrayList<>();
        for (int[] ids : model.generate(
                prefix,
                PromptEncoder.without(prefix, sequences),
                newTokens,
                ids -> isSpecial(ids[ids.length - 1]) || finished.test(text(ids)))) {
            written.add(new Continuation(text(ids), ids.length));
        }
        return written;
    }

    /** Whether a continuation need not go on. */
    boolean finished(int[] ids, boolean atSentenceEnd) {
        return isSpecial(ids[ids.length - 1]) || AnswerMatch.finished(text(ids), atSentenceEnd);
    }

    String text(int[] ids) {
        int end = 0;
        while (end < ids.length && !isSpecial(ids[end])) {
            end++;
        }
        return model.tokenizer().decode(Arrays.copyOf(ids, end));
    }

    private boolean isSpecial(int id) {
        return ends.contains(id) || SPECIAL.matcher(model.tokenizer().token(id)).matches();
    }

    /** A continuation that is cut off inside a name could not be judged: one of the names must fit, with the token after it. */
    private void requireRoom(List<String> names) {
        int fewest = Integer.MAX_VALUE;
        for (String name : names) {
            fewest = Math.min(fewest, tokens(name));
            if (fewest < protocol.maxNewTokens()) {
                return;
            }
        }
        throw new BadInput(
                "no room for an answer",
                "protocol " + protocol.identity(),
                "at least " + (fewest + 1) + " new tokens for '" + names.get(0) + "'",
                String.valueOf(protocol.maxNewTokens()),
                "allow more new tokens");
    }

    private int tokens(String name) {
        Tokenizer tokenizer = model.tokenizer();
        // No vocabulary needs more than one token a byte, so short names need not be counted.
        int bytes = name.getBytes(StandardCharsets.UTF_8).length + 1;
        return bytes < protocol.maxNewTokens() ? bytes : tokenizer.encodeContinuation(" " + name).length;
    }
}
