package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.evaluate.GreedyReader.Continuation;
import modelpatch.evaluate.ScoredReader.Scored;
import modelpatch.model.AnswerModel;

/**
 * Puts questions to one model under one protocol. Keeps what was answered: a question that is asked again, or shared by many cases, costs
 * nothing. Not for use by several threads at once.
 */
public final class Examiner {
    /** Questions that are run side by side where the caller has no reason for another number. */
    public static final int DEFAULT_BATCH = 64;

    private final Protocol protocol;
    private final int batchSize;
    private final GreedyReader greedy;
    private final ScoredReader scored;
    private final Pieces pieces;
    private final Map<Question, Reply> known = new HashMap<>();

    /**
     * An examiner that has asked nothing yet.
     *
     * @param model asked, never changed; stays the caller's
     * @param batchSize questions per call of the model, and between two reports of progress
     */
    public Examiner(AnswerModel model, Protocol protocol, int batchSize) {
        this(model, protocol, batchSize, Pieces.UNKEPT);
    }

    /**
     * The same, which need not ask the model what is kept of it.
     *
     * @param pieces of work on this model alone; a batch of questions is one
     */
    public Examiner(AnswerModel model, Protocol protocol, int batchSize, Pieces pieces) {
        this(model, protocol, batchSize, pieces, new GreedyReader(model, protocol));
    }

    /**
     * The same, which need not run what is kept of what the model wrote.
     *
     * @param kept of this model under this protocol
     */
    public Examiner(AnswerModel model, Protocol protocol, int batchSize, KeptContinuations kept) {
        this(model, protocol, batchSize, Pieces.UNKEPT, new GreedyReader(model, protocol, kept));
    }

    private Examiner(AnswerModel model, Protocol protocol, int batchSize, Pieces pieces, GreedyReader greedy) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("a batch of " + batchSize + " questions");
        }
        this.protocol = protocol;
        this.batchSize = batchSize;
        this.pieces = pieces;
        this.greedy = greedy;
        this.scored = new ScoredReader(model, protocol);
    }

    /**
     * An examiner of another model that mostly says what this one's says: what this one knows by then is its guess. The replies are those that
     * it gives without.
     */
    public Examiner like(AnswerModel other) {
        return new Examiner(other, protocol, batchSize, Pieces.UNKEPT, new GreedyReader(other, protocol, greedy));
    }

    public Protocol protocol() {
        return protocol;
    }

    public int batchSize() {
        return batchSize;
    }

    /** Whether {@link #ask} would answer this question without the model. */
    boolean knows(Question question) {
        return known.containsKey(question);
    }

    /** The replies to all questions, in their order. */
    public List<Reply> ask(List<Question> questions) {
        return ask(questions, Progress.UNWATCHED);
    }

    /** As {@link #ask(List)}; if progress ends the work by throwing, what was answered stays known. */
    public List<Reply> ask(List<Question> questions, Progress progress) {
        LinkedHashSet<Question> distinct = new LinkedHashSet<>(questions);
        List<Question> missing =
                distinct.stream().filter(question -> !knows(question)).toList();
        int before = distinct.size() - missing.size();
        for (int from = 0; from < missing.size(); from += batchSize) {
            List<Question> batch = missing.subList(from, Math.min(missing.size(), from + batchSize));
            Asking piece = new Asking(protocol, batch);
            List<Reply> replies = pieces.of(piece.name(), piece.type(), () -> answer(batch));
            for (int i = 0; i < batch.size(); i++) {
                known.put(batch.get(i), replies.get(i));
            }
            progress.at(before + from + batch.size(), distinct.size());
        }
        return questions.stream().map(known::get).toList();
    }

    /** Says which questions will be asked next, in batches of {@link #batchSize}; none of them {@link #knows known}. */
    void ahead(List<Question> missing) {
        pieces.ahead(IntStream.iterate(0, from -> from < missing.size(), from -> from + batchSize)
                .mapToObj(from ->
                        new Asking(protocol, missing.subList(from, Math.min(missing.size(), from + batchSize)))));
    }

    /** The replies to one batch; they follow from it alone, whatever was asked before. */
    List<Reply> answer(List<Question> batch) {
        greedy.forget();
        if (protocol.kind() == Protocol.Kind.SCORED) {
            return scored(batch);
        }
        boolean slow = protocol.kind() == Protocol.Kind.SLOW;
        List<Steps> all =
                batch.stream().map(question -> new Steps(question, slow)).toList();
        List<Steps> open = all;
        while (!open.isEmpty()) {
            List<Continuation> written = greedy.read(
                    open.stream().map(steps -> steps.prompt).toList(),
                    open.stream().map(steps -> steps.question.answers()).toList());
            List<Steps> going = new ArrayList<>();
            for (int i = 0; i < open.size(); i++) {
                if (open.get(i).goesOnAfter(written.get(i))) {
                    going.add(open.get(i));
                }
            }
            open = going;
        }
        return all.stream().map(Steps::reply).toList();
    }

    private List<Reply> scored(List<Question> batch) {
        List<Scored> results = scored.read(batch);
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            Likelihood score = results.get(i).score();
            // Against no rival every answer wins, which says nothing.
            Verdict verdict =
                    score.candidates() == 1 ? Verdict.UNPARSED : score.rank() == 1 ? Verdict.RIGHT : Verdict.WRONG;
            replies.add(new Reply(
                    batch.get(i).prompt(),
                    results.get(i).winner(),
                    verdict,
                    verdict.right(),
                    0,
                    List.of(),
                    Optional.of(score)));
        }
        return replies;
    }

    /** The way to one reply: a single step, or one per hop. */
    private static final class Steps {
        private final Question question;
        private final List<Query> hops;
        private final List<String> said = new ArrayList<>();
        private String prompt;
        private String last = "";
        private int tokens;

        Steps(Question question, boolean slow) {
            this.question = question;
            this.hops = slow && question.hops().size() > 1 ? question.hops() : List.of();
            this.prompt = hops.isEmpty() ? question.prompt() : hops.get(0).prompt();
        }

        /** Takes a continuation in; true where another hop is to be asked of it. */
        boolean goesOnAfter(Continuation continuation) {
            last = continuation.text();
            tokens += continuation.tokens();
            if (said.size() >= hops.size() - 1 || AnswerMatch.judge(last, List.of()) == Verdict.UNPARSED) {
                return false;
            }
            String entity = AnswerMatch.answer(last);
            said.add(entity);
            Query next = hops.get(said.size());
            String point = next.form() == Form.CLOZE && !entity.endsWith(".") ? "." : "";
            prompt = prompt + " " + entity + point + "\n"
                    + next.template().fill(entity).prompt();
            return true;
        }

        Reply reply() {
            boolean unfinished = said.size() < hops.size() - 1;
            Verdict verdict = unfinished ? Verdict.UNPARSED : AnswerMatch.judge(last, question.answers());
            return new Reply(
                    prompt,
                    unfinished ? "" : AnswerMatch.answer(last),
                    verdict,
                    verdict.right() && AnswerMatch.whole(last, question.answers()),
                    tokens,
                    said,
                    Optional.empty());
        }
    }
}
