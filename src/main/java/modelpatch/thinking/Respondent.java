package modelpatch.thinking;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.evaluate.AnswerMatch;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Rivals;
import modelpatch.evaluate.ThoughtWriter;
import modelpatch.evaluate.Verdict;
import modelpatch.model.AnswerModel;

/** A model that is asked cases in one mode after another; remembers what it said. Not for use by several threads at once. */
public final class Respondent {
    private static final int BATCH = 32;

    private final AnswerModel model;
    private final Protocol protocol;
    private final Reading reading;
    private final Rivals rivals;
    private final Optional<Letters> letters;
    private final Map<FewShot, Examiner> examiners = new HashMap<>();
    private final Map<FewShot, Examiner> rankers = new HashMap<>();

    /**
     * A model that has been asked nothing yet.
     *
     * @param protocol gives demonstrations and length of answers; the reading decides what is read
     * @param rivals what the answer competes with; needed for {@link Reading#RANKED}
     * @param letters options; needed for {@link Reading#LETTERS}
     */
    Respondent(AnswerModel model, Protocol protocol, Reading reading, Rivals rivals, Optional<Letters> letters) {
        this.model = model;
        this.protocol = protocol;
        this.reading = reading;
        this.rivals = rivals;
        this.letters = letters;
    }

    /** A model whose greedy continuations are read. */
    public static Respondent generating(AnswerModel model, Protocol protocol) {
        return new Respondent(model, protocol, Reading.GENERATED, Rivals.none(), Optional.empty());
    }

    /**
     * Asks cases.
     *
     * @param hints for each case a text before all that it is asked; empty texts for none
     * @return replies in the order of the cases
     */
    public List<Reply> ask(Mode mode, List<CompositionalCase> cases, List<String> hints, Progress progress) {
        List<Reply> replies = new ArrayList<>();
        for (int from = 0; from < cases.size(); from += BATCH) {
            int to = Math.min(cases.size(), from + BATCH);
            replies.addAll(batch(mode, cases.subList(from, to), hints.subList(from, to)));
            progress.at(to, cases.size());
        }
        return replies;
    }

    /** As {@link #ask(Mode, List, List, Progress)}, without hints and unwatched. */
    public List<Reply> ask(Mode mode, List<CompositionalCase> cases) {
        return ask(mode, cases, cases.stream().map(one -> "").toList(), Progress.UNWATCHED);
    }

    /**
     * The prompts that a model has come to when it has thought and is about to answer; without demonstrations.
     *
     * @return by case; empty where a step had no answer to go on with
     */
    public List<Optional<String>> lastPrompts(Mode mode, List<CompositionalCase> cases) {
        List<Line> lines = new ArrayList<>();
        cases.forEach(one -> lines.add(new Line(one, "", mode)));
        if (mode.kind() == Mode.Kind.HOPS) {
            elicit(mode, lines);
        }
        return lines.stream()
                .map(line -> line.lost ? Optional.<String>empty() : Optional.of(line.prompt))
                .toList();
    }

    private List<Reply> batch(Mode mode, List<CompositionalCase> cases, List<String> hints) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            lines.add(new Line(cases.get(i), hints.get(i), mode));
        }
        return switch (mode.kind()) {
            case DIRECT -> answers(mode, lines);
            case HOPS -> byHops(mode, lines);
            case WRITTEN -> written(mode, lines);
        };
    }

    /** One case on its way to an answer. */
    private final class Line {
        private final CompositionalCase one;
        private final List<String> said = new ArrayList<>();
        private String prompt;
        private int tokens;
        private boolean lost;

        Line(CompositionalCase one, String hint, Mode mode) {
            this.one = one;
            this.prompt = hint + (mode.kind() == Mode.Kind.HOPS ? hop(0, mode).prompt() : filled(mode.prompt()));
        }

        private String filled(String template) {
            Query query = Query.first(one.compositions(), protocol.form())
                    .orElseThrow(() -> new BadInput(
                            "no prompt of the protocol's form", "case " + one.id(), "one", "none", "ask by --form"));
            return template.replace(Mode.QUESTION, query.text()).replace(Mode.PROMPT, query.prompt());
        }

        private Query hop(int at, Mode mode) {
            List<Query> wordings = one.singleHops().get(at).stream()
                    .filter(query -> query.form() == protocol.form())
                    .toList();
            if (wordings.size() < mode.wording()) {
                throw new BadInput(
                        "no such wording",
                        "mode " + mode.id() + ", case " + one.id(),
                        "at least " + mode.wording() + " sentences for hop " + (at + 1),
                        String.valueOf(wordings.size()),
                        "lower its wording");
            }
            return wordings.get(mode.wording() - 1);
        }

        /** Takes the answer to a hop in and asks the next one of it. */
        void goOn(Reply reply, Mode mode) {
            tokens += reply.newTokens();
            if (reply.verdict() == Verdict.UNPARSED) {
                lost = true;
                return;
            }
            String entity = reply.predicted();
            said.add(entity);
            Query next = hop(said.size(), mode);
            String point = next.form() == Form.CLOZE && !entity.endsWith(".") ? "." : "";
            prompt = prompt + " " + entity + point + "\n"
                    + next.template().fill(entity).prompt();
        }

        Question question(Fact fact) {
            Question bare = new Question(prompt, fact.answers(), List.of(), fact.answers(), List.of());
            return reading == Reading.RANKED ? rivals.joinedTo(bare, fact) : bare;
        }

        /** The reply with the steps that led there. */
        Reply reply(Reply last) {
            return new Reply(
                    last.prompt(),
                    last.predicted(),
                    last.verdict(),
                    last.whole(),
                    tokens + last.newTokens(),
                    said,
                    last.score());
        }

        Reply unparsed() {
            return new Reply(prompt, "", Verdict.UNPARSED, false, tokens, said, Optional.empty());
        }
    }

    private List<Reply> byHops(Mode mode, List<Line> lines) {
        elicit(mode, lines);
        return answers(mode, lines);
    }

    /** Asks every hop but the last. */
    private void elicit(Mode mode, List<Line> lines) {
        int hops = lines.stream().mapToInt(line -> line.one.hops().size()).max().orElse(0);
        for (int hop = 0; hop < hops - 1; hop++) {
            int at = hop;
            List<Line> open = lines.stream()
                    .filter(line -> !line.lost && at < line.one.hops().size() - 1)
                    .toList();
            Map<FewShot, Examiner> known = reading == Reading.RANKED ? rankers : examiners;
            List<Reply> replies = examiner(known, mode)
                    .ask(open.stream()
                            .map(line -> line.question(line.one.hops().get(at)))
                            .toList());
            for (int i = 0; i < open.size(); i++) {
                open.get(i).goOn(replies.get(i), mode);
            }
        }
    }

    private List<Reply> written(Mode mode, List<Line> lines) {
        ThoughtWriter writer = new ThoughtWriter(model, protocol(mode), mode.answerAfter(), mode.newTokens());
        List<ThoughtWriter.Thought> thoughts =
                writer.write(lines.stream().map(line -> line.prompt).toList());
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            ThoughtWriter.Thought thought = thoughts.get(i);
            line.tokens = thought.tokens();
            line.said.add(thought.thought().strip());
            line.lost = thought.answer().isEmpty();
            if (reading == Reading.GENERATED) {
                String answer = thought.answer().orElse("");
                Verdict verdict = AnswerMatch.judge(answer, line.one.answers());
                boolean whole = verdict.right() && AnswerMatch.whole(answer, line.one.answers());
                replies.add(new Reply(
                        line.prompt,
                        AnswerMatch.answer(answer),
                        verdict,
                        whole,
                        line.tokens,
                        line.said,
                        Optional.empty()));
            }
            line.prompt = line.prompt + thought.thought();
        }
        return reading == Reading.GENERATED ? replies : answers(mode, lines);
    }

    /** Reads the answers off where the lines have come to. */
    private List<Reply> answers(Mode mode, List<Line> lines) {
        List<Line> open = lines.stream().filter(line -> !line.lost).toList();
        List<Question> questions =
                open.stream().map(line -> line.question(line.one.lastHop())).toList();
        List<Reply> read = switch (reading) {
            case GENERATED -> examiner(examiners, mode).ask(questions);
            case RANKED -> examiner(rankers, mode).ask(questions);
            case LETTERS ->
                letters.orElseThrow()
                        .ask(
                                model,
                                protocol(mode),
                                open.stream().map(line -> line.one).toList(),
                                questions);
        };
        Map<Line, Reply> replies = new HashMap<>();
        for (int i = 0; i < open.size(); i++) {
            replies.put(open.get(i), open.get(i).reply(read.get(i)));
        }
        return lines.stream()
                .map(line -> line.lost ? line.unparsed() : replies.get(line))
                .toList();
    }

    private Protocol protocol(Mode mode) {
        Protocol.Kind kind = reading == Reading.RANKED ? Protocol.Kind.SCORED : Protocol.Kind.GENERATED;
        FewShot shown = mode.demonstrations().orElse(protocol.fewShot());
        return protocol.as(kind).with(new FewShot(shown.id(), protocol.form(), shown.demonstrations()));
    }

    private Examiner examiner(Map<FewShot, Examiner> known, Mode mode) {
        Protocol.Kind kind = known == rankers ? Protocol.Kind.SCORED : Protocol.Kind.GENERATED;
        return known.computeIfAbsent(
                protocol(mode).fewShot(),
                shown -> new Examiner(model, protocol(mode).as(kind), BATCH));
    }
}
