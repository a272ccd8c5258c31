package modelpatch.locate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensReading;
import modelpatch.model.Site;
import modelpatch.model.TokenIds;

/** Reads the residual stream of compositions after every block through the unembedding. */
final class Lens {
    /** Enough to keep every worker busy, few enough to say often how far the work is. */
    private static final int MOST_CASES = 64;

    private final LanguageModel model;
    private final Set<Site> sites = new LinkedHashSet<>();

    Lens(LanguageModel model) {
        this.model = model;
        for (int layer = 0; layer < model.config().nLayers(); layer++) {
            sites.add(new Site(Site.Kind.RESIDUAL_POST, layer));
        }
    }

    /** How many cases are best read side by side. */
    int casesSideBySide() {
        return Math.max(1, Math.min(MOST_CASES, model.rowsAtOnce() / sites.size()));
    }

    /**
     * Where a composition's bridge and answer are read; both continue the same prompt.
     *
     * @param bridge ends before the bridge's separating token
     * @param answer ends before the answer's separating token
     */
    record Entities(EntityReading bridge, EntityReading answer) {}

    /** Bridges and answers of compositions, in their order. */
    List<CaseLens> read(List<Entities> compositions) {
        List<Request> requests = new ArrayList<>();
        for (Entities one : compositions) {
            int[] tokens = {one.bridge().id(), one.answer().id()};
            requests.add(new Request(
                    one.bridge(),
                    new int[] {one.bridge().phraseEnd(), one.bridge().last()},
                    tokens));
            requests.add(new Request(one.answer(), new int[] {one.answer().last()}, tokens));
        }
        Batch batch = new Batch(requests);
        LensReading normed = batch.read(true);
        LensReading raw = batch.read(false);
        List<CaseLens> read = new ArrayList<>();
        for (int i = 0; i < compositions.size(); i++) {
            int bridge = 2 * i;
            int answer = 2 * i + 1;
            read.add(new CaseLens(
                    compositions.get(i).bridge().token(),
                    compositions.get(i).answer().token(),
                    new LensView(batch.curve(normed, bridge, 0, 0), batch.curve(raw, bridge, 0, 0)),
                    new LensView(batch.curve(normed, bridge, 0, 1), batch.curve(raw, bridge, 0, 1)),
                    new LensView(batch.curve(normed, bridge, 1, 0), batch.curve(raw, bridge, 1, 0)),
                    new LensView(batch.curve(normed, answer, 0, 1), batch.curve(raw, answer, 0, 1))));
        }
        return read;
    }

    /**
     * The best rank that each token reaches after any block at the end of the phrase.
     *
     * @param tokens of each composition, {@code [composition][token]}
     * @return {@code [composition][token]}
     */
    List<int[]> bestRanksAtPhraseEnd(List<EntityReading> compositions, List<int[]> tokens) {
        List<Request> requests = IntStream.range(0, compositions.size())
                .mapToObj(i -> new Request(
                        compositions.get(i), new int[] {compositions.get(i).phraseEnd()}, tokens.get(i)))
                .toList();
        Batch batch = new Batch(requests);
        LensReading normed = batch.read(true);
        return IntStream.range(0, requests.size())
                .mapToObj(request -> IntStream.range(0, tokens.get(request).length)
                        .map(token -> batch.curve(normed, request, 0, token).bestRank())
                        .toArray())
                .toList();
    }

    /** Positions of a sequence and the tokens that are looked for there. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Request(EntityReading sequence, int[] positions, int[] tokens) {}

    /** Requests read side by side. */
    private final class Batch {
        private final int[] firstRow;
        private final List<float[]> rows = new ArrayList<>();
        private final List<int[]> tokens = new ArrayList<>();

        Batch(List<Request> requests) {
            firstRow = new int[requests.size()];
            ActivationCache[] caches = new ActivationCache[requests.size()];
            int[] sequences = new int[requests.size()];
            run(requests, caches, sequences);
            int most =
                    requests.stream().mapToInt(one -> one.tokens().length).max().orElse(0);
            for (int i = 0; i < requests.size(); i++) {
                firstRow[i] = rows.size();
                int[] padded = padded(requests.get(i).tokens(), most);
                for (int position : requests.get(i).positions()) {
                    for (Site site : sites) {
                        rows.add(caches[i].at(sequences[i], site, position));
                        tokens.add(padded);
                    }
                }
            }
        }

        /** Every row is read for equally many tokens; what is missing is the first one once more. */
        private static int[] padded(int[] own, int length) {
            int[] all = Arrays.copyOf(own, length);
            Arrays.fill(all, own.length, length, own[0]);
            return all;
        }

        /** Runs every different sequence once and notes for each request where its activations are. */
        private void run(List<Request> requests, ActivationCache[] caches, int[] sequences) {
            Map<List<Integer>, Map<List<Integer>, Integer>> byPrefix = new LinkedHashMap<>();
            for (int i = 0; i < requests.size(); i++) {
                Map<List<Integer>, Integer> known = byPrefix.computeIfAbsent(
                        TokenIds.boxed(requests.get(i).sequence().prefix()), prefix -> new LinkedHashMap<>());
                sequences[i] = known.computeIfAbsent(
                        TokenIds.boxed(requests.get(i).sequence().sequence()), sequence -> known.size());
            }
            byPrefix.forEach((prefix, known) -> {
                List<int[]> different =
                        known.keySet().stream().map(Lens::unboxed).toList();
                ActivationCache cache = model.run(unboxed(prefix), different, sites, List.of(), false);
                for (int i = 0; i < caches.length; i++) {
                    if (TokenIds.boxed(requests.get(i).sequence().prefix()).equals(prefix)) {
                        caches[i] = cache;
                    }
                }
            });
        }

        LensReading read(boolean normed) {
            return model.lens(rows, tokens.toArray(int[][]::new), normed);
        }

        /**
         * @param position index among the request's positions
         * @param token index among its tokens
         */
        LensCurve curve(LensReading reading, int request, int position, int token) {
            int layers = sites.size();
            return LensCurve.of(reading, firstRow[request] + position * layers, layers, token);
        }
    }

    private static int[] unboxed(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
