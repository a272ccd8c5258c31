package modelpatch.remedy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.adapt.AdaptOptions;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteSplit;
import modelpatch.checkpoint.Sha256;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.McNemar;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Rivals;
import modelpatch.evaluate.Stopped;
import modelpatch.evaluate.Tally;
import modelpatch.evaluate.Verdict;
import modelpatch.guard.Gates;
import modelpatch.guide.Guided;
import modelpatch.locate.Diagnosis;
import modelpatch.locate.FailureFinding;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import modelpatch.repair.Contest;
import modelpatch.repair.Judge;
import modelpatch.repair.Remedy;
import modelpatch.repair.Repair;
import modelpatch.repair.RepairOptions;
import modelpatch.repair.Surroundings;
import modelpatch.thinking.Mode;

/** The use case {@code patch compare}: remedies on the same failures, the same items, the same controls. */
public final class Compare {
    private static final String CREME = "creme";
    /** Adapters for the failures. */
    public static final String ADAPT = "adapt";

    private static final String GUIDE = "guide";

    /** Remedies by name; {@code patch:FILE} is a patch that is there already. */
    public static final List<String> NAMES = List.of("none", "slow", "icl", CREME, ADAPT, GUIDE, "backpatch");

    static final String PATCH = "patch:";

    static final String WHILE_ASKED = "while asked";

    private final Repair.Task task;
    private final Contest contest;
    private final Options options;
    private final LongSupplier clock;
    private final Onlooker onlooker;
    private Optional<BackPatching> backPatching = Optional.empty();
    private Optional<BackPatchSearch> search = Optional.empty();

    /**
     * What is compared.
     *
     * @param remedies by name
     * @param slow how the slow remedy asks hops
     * @param demonstrations how many compositions with their answers the in-context baseline shows
     * @param adapting how adapters are trained, where they take part
     * @param guiding a guider, where one takes part
     * @param gates decide how much harm a recommended remedy may do
     */
    public record Options(
            List<String> remedies,
            Mode slow,
            int demonstrations,
            Optional<Training> adapting,
            Optional<Guidance> guiding,
            Gates gates,
            long seed) {
        /** @throws BadInput where a remedy is unknown, named twice, or named without what it needs */
        public Options {
            remedies = List.copyOf(remedies);
            Set<String> seen = new LinkedHashSet<>();
            for (String name : remedies) {
                if (!NAMES.contains(name) && !name.startsWith(PATCH)) {
                    throw new BadInput(
                            "no such remedy",
                            "--remedies " + name,
                            "some of " + String.join(", ", NAMES) + ", " + PATCH + "FILE",
                            name,
                            "check the name");
                }
                if (!seen.add(name)) {
                    throw new BadInput("a remedy given twice", "--remedies", "each once", name, "leave one out");
                }
            }
            if (demonstrations < 1) {
                throw new BadInput(
                        "no demonstrations",
                        "--demonstrations",
                        "1 or more",
                        String.valueOf(demonstrations),
                        "give some");
            }
            if (remedies.contains(GUIDE) && guiding.isEmpty()) {
                throw new BadInput(
                        "no guider",
                        "--remedies " + GUIDE,
                        "--guider-base and --guider",
                        "neither",
                        "give both, or leave " + GUIDE + " out");
            }
        }
    }

    /**
     * How adapters are trained.
     *
     * @param threads of the engine
     */
    public record Training(AdaptOptions options, int threads) {}

    /**
     * A guider beside the target.
     *
     * @param guided stays the caller's, and open
     * @param seconds of the processor's time that it took to open it
     */
    public record Guidance(Guided guided, double seconds) {}

    /**
     * A use case that has drawn up its cases and items.
     *
     * @param task the model, its questions and its findings
     * @param repair how many cases, how many other cases for each, and what a patch must be like
     * @param clock nanoseconds of the processor's time that this process has had
     */
    public Compare(
            Repair.Task task,
            RepairOptions repair,
            Surroundings around,
            Options options,
            LongSupplier clock,
            Onlooker onlooker) {
        this.task = task;
        this.options = options;
        this.clock = clock;
        this.onlooker = onlooker;
        this.contest = new Contest(task, repair, around, onlooker);
    }

    /** Sets every remedy up, judges it, closes it; after an interruption the table holds those that were judged. */
    public RemedyTable run(Map<String, Object> configuration) {
        long begun = clock.getAsLong();
        Optional<Contest.Patch> patch =
                options.remedies().contains(CREME) ? Optional.of(contest.patch(onlooker)) : Optional.empty();
        double made = (clock.getAsLong() - begun) / 1e9;
        List<Probe> all = contest.probes();
        List<Probe> probes = patch.map(one -> contest.scorable(all, one)).orElse(all);
        List<Contender> contenders = options.remedies().stream()
                .map(name -> name.equals(CREME) ? creme(patch.orElseThrow(), made) : contender(name))
                .toList();
        String weights = weights();
        Map<String, Map<String, Verdict>> verdicts = new LinkedHashMap<>();
        List<RemedyTable.Row> rows = new ArrayList<>();
        Optional<BackPatching> honest = Optional.empty();
        boolean complete = true;
        try {
            for (Contender one : contenders) {
                onlooker.check();
                rows.add(row(one, probes, weights, verdicts));
                onlooker.detail(one.name() + " corrects "
                        + rows.get(rows.size() - 1).rate(EditSet.CORRECTION).share());
            }
            honest = honest(rows);
        } catch (Stopped e) {
            complete = false;
        }
        return new RemedyTable(
                configuration,
                task.model().reported(),
                task.questions().deciding().identity(),
                contest.targets().stream().map(CompositionalCase::id).toList(),
                rows,
                duels(verdicts),
                routes(rows, verdicts),
                honest,
                complete);
    }

    private RemedyTable.Row row(
            Contender one, List<Probe> probes, String weights, Map<String, Map<String, Verdict>> verdicts) {
        long begun = clock.getAsLong();
        try (Remedy remedy = one.setUp().get();
                Onlooker.Part progress = onlooker.begin(one.name())) {
            double setUp = one.already() + (clock.getAsLong() - begun) / 1e9;
            Metered metered = new Metered(remedy.answers(), clock);
            Judge.Judgement judgement = contest.judge().judge(metered, none(), probes, true, progress);
            verdicts.put(one.name(), ofTargets(judgement));
            return new RemedyTable.Row(
                    one.name(),
                    judgement.sets(),
                    judgement.drift(),
                    setUp,
                    metered.queries() == 0 ? OptionalDouble.empty() : OptionalDouble.of(metered.secondsPerQuery()),
                    remedy.footprint().bytes(),
                    one.persistence(),
                    weights().equals(weights),
                    one.supervision(),
                    one.note().get());
        }
    }

    /** By target, whether its own question is right. */
    static Map<String, Verdict> ofTargets(Judge.Judgement judgement) {
        Map<String, Verdict> own = new LinkedHashMap<>();
        judgement.evaluation().items().stream()
                .filter(item -> item.probe().set() == EditSet.CORRECTION)
                .forEach(item -> own.put(item.probe().edited(), item.after().verdict()));
        return own;
    }

    private Remedy none() {
        return Remedy.none(model());
    }

    private LanguageModel model() {
        return task.model().model();
    }

    private Protocol protocol() {
        return task.questions().deciding();
    }

    /** SHA-256 of every stored tensor's values, as one. */
    private String weights() {
        LanguageModel base = task.model().base();
        return Sha256.of(base.checkpoint().tensors().keySet().stream()
                .sorted()
                .map(name -> name + " " + Sha256.of(base.weight(name)))
                .collect(Collectors.joining("\n")));
    }

    private Contender contender(String name) {
        if (name.startsWith(PATCH)) {
            return ready(Path.of(name.substring(PATCH.length())));
        }
        return switch (name) {
            case "none" -> Contender.of(name, "nothing", "none", this::none, () -> "");
            case "slow" ->
                Contender.of(
                        name,
                        "parts of the question",
                        WHILE_ASKED,
                        () -> Slow.of(model(), protocol(), contest.suite(), options.slow()),
                        () -> "mode " + options.slow().id());
            case "icl" -> inContext(name);
            case ADAPT -> {
                Training training = options.adapting().orElseThrow();
                yield Adapting.contender(name, task, contest, training.options(), training.threads(), onlooker);
            }
            case GUIDE -> {
                Guidance guidance = options.guiding().orElseThrow();
                yield GuidedChain.contender(name, task, contest, guidance.guided(), guidance.seconds());
            }
            default -> backPatched(name);
        };
    }

    private Contender ready(Path file) {
        return Contender.of(
                file.getFileName().toString(),
                "what it was made from",
                "permanent",
                () -> {
                    PatchStack stack = PatchStack.read(List.of(file));
                    return Remedy.patch(
                            task.model().base(),
                            task.model().stack(),
                            stack.patches().get(0).deltas());
                },
                () -> "cases that it was made from are not left out of the items");
    }

    private Contender creme(Contest.Patch patch, double seconds) {
        return new Contender(
                CREME,
                "gold bridges; gold answers of the choose side",
                "permanent",
                seconds,
                () -> Remedy.patch(task.model().base(), task.model().stack(), patch.deltas()),
                () -> patch.plan() + (patch.keepsGates() ? "" : "; its gates fail, so patch apply would not write it"));
    }

    /** Right compositions of the choose side with their gold answers, none of which has an answer of a target. */
    private Contender inContext(String name) {
        Set<String> answers =
                contest.targets().stream().map(CompositionalCase::answer).collect(Collectors.toSet());
        List<CompositionalCase> free = contest.suite().cases(SuiteSplit.CHOOSE).stream()
                .filter(one -> one.hops().size() > 1 && !answers.contains(one.answer()))
                .toList();
        List<CompositionalCase> shown = SeededOrder.shuffled(
                free, options.demonstrations(), SeededOrder.draws(options.seed(), "demonstrations"));
        List<String> sentences = shown.stream().map(this::told).toList();
        return Contender.of(
                name,
                shown.size() + " gold compositions",
                WHILE_ASKED,
                () -> InContext.of(model(), sentences),
                () -> sentences.isEmpty() ? "none is free of the targets' answers" : "other bridges and answers");
    }

    private String told(CompositionalCase one) {
        Form form = protocol().form();
        Query query = Query.first(one.compositions(), form).orElseThrow();
        String point = form == Form.CLOZE ? "." : "";
        return query.prompt() + " "
                + task.questions().asked().background().names().inSentence(one.answer()) + point;
    }

    private Contender backPatched(String name) {
        return Contender.of(
                name,
                "gold answers of the choose side",
                WHILE_ASKED,
                () -> {
                    KnownPrompts known = new KnownPrompts(model(), protocol(), contest.suite());
                    Rivals rivals = Rivals.neededBy(
                            protocol().as(Protocol.Kind.SCORED),
                            task.questions().asked(),
                            options.seed());
                    BackPatchSearch found = new BackPatchSearch(model(), protocol(), rivals, known);
                    search = Optional.of(found);
                    try (Onlooker.Part part = onlooker.begin("layer pairs")) {
                        List<double[]> leads = found.leads(choices(), part);
                        BackPatch best = found.best(leads);
                        backPatching = Optional.of(new BackPatching(
                                best, found.leading(leads, best), Tally.NONE, Tally.NONE, found.pairs(), 0));
                        return BackPatched.of(model(), best, known);
                    }
                },
                () -> backPatching.map(found -> found.chosen().toString()).orElse(""));
    }

    private List<CompositionalCase> choices() {
        if (contest.choices().isEmpty()) {
            throw new BadInput(
                    "nothing to choose layers on",
                    "remedy backpatch",
                    "a failure on the choose side",
                    "none",
                    "find on more cases, or leave it out of --remedies");
        }
        return contest.choices();
    }

    /** The chosen pair's own result, and what some pair would have corrected. */
    private Optional<BackPatching> honest(List<RemedyTable.Row> rows) {
        return backPatching.map(found -> {
            Tally honest = rows.stream()
                    .filter(row -> row.remedy().equals("backpatch"))
                    .map(row -> row.rate(EditSet.CORRECTION))
                    .findFirst()
                    .orElse(Tally.NONE);
            try (Onlooker.Part part = onlooker.begin("oracle")) {
                BackPatchSearch asked = search.orElseThrow();
                List<double[]> leads = asked.leads(contest.targets(), part);
                Tally oracle = asked.oracle(contest.targets(), leads, Progress.UNWATCHED);
                return new BackPatching(
                        found.chosen(), found.chosenOn(), honest, oracle, found.pairs(), BackPatchSearch.VERIFIED);
            }
        });
    }

    static List<RemedyTable.Duel> duels(Map<String, Map<String, Verdict>> verdicts) {
        List<RemedyTable.Duel> duels = new ArrayList<>();
        List<String> names = List.copyOf(verdicts.keySet());
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                Map<String, Verdict> first = verdicts.get(names.get(i));
                Map<String, Verdict> second = verdicts.get(names.get(j));
                McNemar test = PairedOutcome.pool(first.keySet().stream()
                                .map(id -> PairedOutcome.of(first.get(id), second.get(id)))
                                .toList())
                        .mcNemar();
                duels.add(new RemedyTable.Duel(names.get(i), names.get(j), test));
            }
        }
        return duels;
    }

    private List<Route> routes(List<RemedyTable.Row> rows, Map<String, Map<String, Verdict>> verdicts) {
        Map<Diagnosis, Set<String>> byDiagnosis = new LinkedHashMap<>();
        for (CompositionalCase one : contest.targets()) {
            Diagnosis diagnosis = contest.findings()
                    .find(one.id())
                    .map(FailureFinding::diagnosis)
                    .orElseThrow();
            byDiagnosis
                    .computeIfAbsent(diagnosis, found -> new LinkedHashSet<>())
                    .add(one.id());
        }
        return Routing.of(byDiagnosis, rows, verdicts, options.gates());
    }
}
