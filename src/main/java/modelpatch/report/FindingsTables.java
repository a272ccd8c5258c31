package modelpatch.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.evaluate.Artefact;
import modelpatch.evaluate.Interval;
import modelpatch.locate.CaseLens;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import modelpatch.locate.LensCurve;
import modelpatch.locate.LensView;
import modelpatch.locate.MediationEvidence;
import modelpatch.locate.RankedHead;
import modelpatch.locate.RankedLayer;

/**
 * Findings as tables for notebooks and spreadsheets, one observation a row: CSV by RFC 4180, UTF-8, a header each, an empty cell where
 * something is undefined. What the columns mean stands in docs/formats/tables.md.
 */
public final class FindingsTables {
    private FindingsTables() {}

    /**
     * Writes {@code failures.csv}, {@code lens.csv}, {@code heads.csv}, {@code layers.csv} and {@code case_heads.csv}.
     *
     * @param folder made where it is missing
     */
    public static void write(Findings findings, Path folder) {
        write(folder, "failures", failures(findings));
        write(folder, "lens", lens(findings));
        write(folder, "heads", heads(findings));
        write(folder, "layers", layers(findings));
        write(folder, "case_heads", caseHeads(findings));
    }

    private static List<List<Object>> failures(Findings findings) {
        List<List<Object>> rows = table(
                "case",
                "side",
                "prompt",
                "guide",
                "subject",
                "bridge",
                "answer",
                "predicted",
                "wrong_answer",
                "artefact",
                "diagnosis",
                "best_rank",
                "probability");
        for (FailureFinding one : findings.failures()) {
            rows.add(List.of(
                    one.id(),
                    one.side(),
                    one.prompt(),
                    one.guide(),
                    one.subject(),
                    one.bridge(),
                    one.answer(),
                    one.predicted(),
                    one.evidence().wrongAnswer().key(),
                    one.evidence().artefact().map(Artefact::key),
                    one.diagnosis().words(),
                    one.evidence().bestRank(),
                    one.evidence().mediation().map(MediationEvidence::probability)));
        }
        return rows;
    }

    private static List<List<Object>> lens(Findings findings) {
        List<List<Object>> rows = table("case", "position", "entity", "token", "layer", "rank", "probability", "logit");
        for (FailureFinding one : findings.failures()) {
            CaseLens lens = one.evidence().lens();
            String bridge = lens.bridge().token();
            String answer = lens.answer().token();
            curve(rows, one.id(), "phrase_end", "bridge", bridge, lens.bridgeAtPhraseEnd());
            curve(rows, one.id(), "phrase_end", "answer", answer, lens.answerAtPhraseEnd());
            curve(rows, one.id(), "last", "bridge", bridge, lens.bridgeAtLast());
            curve(rows, one.id(), "last", "answer", answer, lens.answerAtLast());
        }
        return rows;
    }

    private static void curve(
            List<List<Object>> rows, String id, String position, String entity, String token, LensView view) {
        LensCurve curve = view.normed();
        for (int layer = 0; layer < curve.ranks().size(); layer++) {
            rows.add(List.of(
                    id,
                    position,
                    entity,
                    token,
                    layer,
                    curve.ranks().get(layer),
                    curve.probabilities().get(layer),
                    curve.logits().get(layer)));
        }
    }

    private static List<List<Object>> heads(Findings findings) {
        List<List<Object>> rows =
                table("head", "layer", "index", "effect", "control", "score", "low", "high", "necessity");
        for (RankedHead head : findings.heads()) {
            rows.add(List.of(
                    head.head(),
                    head.layer(),
                    head.index(),
                    head.effect(),
                    head.control(),
                    head.score(),
                    head.ci().map(Interval::low),
                    head.ci().map(Interval::high),
                    head.necessity().isPresent() ? Optional.of(head.necessity().getAsDouble()) : Optional.empty()));
        }
        return rows;
    }

    private static List<List<Object>> layers(Findings findings) {
        List<List<Object>> rows = table("site", "layer", "first", "last", "effect", "control", "score", "low", "high");
        var layers = findings.last().layers();
        add(rows, "attention", layers.attention());
        add(rows, "mlp", layers.mlp());
        add(rows, "residual", layers.residual());
        add(rows, "attention_window", layers.attentionWindows());
        add(rows, "mlp_window", layers.mlpWindows());
        return rows;
    }

    private static void add(List<List<Object>> rows, String site, List<RankedLayer> layers) {
        for (RankedLayer one : layers) {
            rows.add(List.of(
                    site,
                    one.layer(),
                    one.first(),
                    one.last(),
                    one.effect(),
                    one.control(),
                    one.score(),
                    one.ci().map(Interval::low),
                    one.ci().map(Interval::high)));
        }
    }

    private static List<List<Object>> caseHeads(Findings findings) {
        List<List<Object>> rows = table("case", "layer", "head", "effect", "control");
        for (FailureFinding one : findings.failures()) {
            one.evidence().mediation().map(MediationEvidence::last).ifPresent(profile -> {
                for (int layer = 0; layer < profile.headEffects().size(); layer++) {
                    int at = layer;
                    List<Double> effects = profile.headEffects().get(layer);
                    for (int head = 0; head < effects.size(); head++) {
                        int index = head;
                        rows.add(List.of(
                                one.id(),
                                layer,
                                head,
                                effects.get(head),
                                profile.headControls().map(all -> all.get(at).get(index))));
                    }
                }
            });
        }
        return rows;
    }

    private static List<List<Object>> table(Object... header) {
        List<List<Object>> rows = new ArrayList<>();
        rows.add(List.of(header));
        return rows;
    }

    private static void write(Path folder, String name, List<List<Object>> rows) {
        String text = rows.stream()
                .map(row -> row.stream().map(FindingsTables::cell).collect(Collectors.joining(",")) + "\r\n")
                .collect(Collectors.joining());
        AtomicFile.write(folder.resolve(name + ".csv"), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String cell(Object value) {
        Object plain = value instanceof Optional<?> maybe
                ? maybe.map(Object.class::cast).orElse("")
                : value;
        String text = plain.toString();
        boolean quoted = Stream.of(",", "\"", "\n", "\r").anyMatch(text::contains);
        return quoted ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
    }
}
