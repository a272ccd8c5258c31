package modelpatch.remedy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Rivals;
import modelpatch.evaluate.Tally;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.model.Site;
import modelpatch.model.WhatIf;

/**
 * Tries every pair of layers and both places on failing cases. Each pair is read from one recorded run that is resumed at the changed block and
 * position, which shows whether the answer's first token then leads those of its rivals; what looks best is asked in full.
 */
final class BackPatchSearch {
    /** Pairs of a failure that are asked in full. */
    static final int VERIFIED = 8;

    private final LanguageModel model;
    private final Protocol protocol;
    private final Rivals rivals;
    private final KnownPrompts known;
    private final PromptEncoder encoder;
    private final List<BackPatch> all;

    BackPatchSearch(LanguageModel model, Protocol protocol, Rivals rivals, KnownPrompts known) {
        this.model = model;
        this.protocol = protocol;
        this.rivals = rivals;
        this.known = known;
        this.encoder = new PromptEncoder(model, protocol.frame());
        this.all = all(model.config().nLayers());
        if (all.isEmpty()) {
            throw new BadInput(
                    "nowhere to go back to",
                    "remedy backpatch",
                    "a model of two layers or more",
                    "one",
                    "leave it out");
        }
    }

    /** Every pair and place of a model. */
    static List<BackPatch> all(int layers) {
        List<BackPatch> all = new ArrayList<>();
        for (BackPatch.Place place : BackPatch.Place.values()) {
            for (int from = 1; from < layers; from++) {
                for (int to = 0; to < from; to++) {
                    all.add(new BackPatch(from, to, place));
                }
            }
        }
        return List.copyOf(all);
    }

    int pairs() {
        return all.size();
    }

    /**
     * How far the answer's first token leads its best rival's under each pair, in the order of {@link #all}.
     *
     * @return by case, [pair]; in logits
     */
    List<double[]> leads(List<CompositionalCase> cases, Progress progress) {
        List<double[]> leads = new ArrayList<>();
        for (CompositionalCase one : cases) {
            progress.at(leads.size(), cases.size());
            leads.add(leads(one));
        }
        return leads;
    }

    private double[] leads(CompositionalCase one) {
        Question question = question(one);
        List<String> names = new ArrayList<>(List.of(question.spoken().get(0)));
        names.addAll(question.rivals());
        PromptEncoder.Continued encoded = encoder.encode(question.prompt(), names);
        int[] tokens = encoded.answers().stream().mapToInt(ids -> ids[0]).toArray();
        int[] whole = encoded.prompt();
        int[] prefix = encoder.shared(List.of(whole));
        int[] own = Arrays.copyOfRange(whole, prefix.length, whole.length);
        int end = known.phraseEnd(known.encode(question.prompt())).orElse(whole.length - 1);
        double[] leads = new double[all.size()];
        try (RecordedRun run = model.record(prefix, own)) {
            for (BackPatch.Place place : BackPatch.Place.values()) {
                int at = (place == BackPatch.Place.LAST ? whole.length - 1 : Math.min(end, whole.length - 1))
                        - prefix.length;
                int[] pairs = IntStream.range(0, all.size())
                        .filter(i -> all.get(i).place() == place)
                        .toArray();
                List<List<Intervention>> sets = Arrays.stream(pairs)
                        .mapToObj(i -> List.of(Intervention.replace(
                                site(all.get(i).to()),
                                at,
                                run.at(site(all.get(i).from()), at))))
                        .toList();
                List<Readout> read = model.resume(List.of(new WhatIf(run, at, sets, tokens)), false)
                        .get(0);
                for (int i = 0; i < pairs.length; i++) {
                    leads[pairs[i]] = lead(read.get(i).logits(), tokens);
                }
            }
        }
        return leads;
    }

    private static Site site(int layer) {
        return new Site(Site.Kind.RESIDUAL_POST, layer);
    }

    /** Rivals whose first token is the answer's own say nothing. */
    private static double lead(double[] logits, int[] tokens) {
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 1; i < logits.length; i++) {
            best = tokens[i] == tokens[0] ? best : Math.max(best, logits[i]);
        }
        return logits[0] - best;
    }

    private Question question(CompositionalCase one) {
        Query query = Query.first(one.compositions(), protocol.form()).orElseThrow();
        return rivals.joinedTo(Question.of(query, one.answers()), one.lastHop());
    }

    /** The pair under which the answer leads most often; of equal ones the first. */
    BackPatch best(List<double[]> leads) {
        int best = 0;
        for (int i = 1; i < all.size(); i++) {
            best = leading(leads, i).successes() > leading(leads, best).successes() ? i : best;
        }
        return all.get(best);
    }

    Tally leading(List<double[]> leads, BackPatch pair) {
        return leading(leads, all.indexOf(pair));
    }

    private static Tally leading(List<double[]> leads, int pair) {
        return Tally.pool(leads.stream().map(one -> Tally.of(one[pair] > 0)).toList());
    }

    /** The failures that some pair corrects: the most promising pairs of each are asked in full until one does. */
    Tally oracle(List<CompositionalCase> cases, List<double[]> leads, Progress progress) {
        List<List<BackPatch>> promising = new ArrayList<>();
        for (double[] one : leads) {
            promising.add(IntStream.range(0, all.size())
                    .filter(i -> one[i] > 0)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> -one[i]))
                    .limit(VERIFIED)
                    .map(all::get)
                    .toList());
        }
        boolean[] corrected = new boolean[cases.size()];
        for (int turn = 0; turn < VERIFIED; turn++) {
            progress.at(turn, VERIFIED);
            for (int i = 0; i < corrected.length; i++) {
                Optional<BackPatch> pair = promising.get(i).stream().skip(turn).findFirst();
                if (!corrected[i] && pair.isPresent()) {
                    corrected[i] = corrects(pair.orElseThrow(), cases.get(i));
                }
            }
        }
        return Tally.pool(IntStream.range(0, corrected.length)
                .mapToObj(i -> Tally.of(corrected[i]))
                .toList());
    }

    private boolean corrects(BackPatch pair, CompositionalCase one) {
        try (BackPatched asked = BackPatched.of(model, pair, known)) {
            return new Examiner(asked.answers(), protocol, 1)
                    .ask(List.of(question(one)))
                    .get(0)
                    .right();
        }
    }
}
