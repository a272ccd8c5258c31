package modelpatch.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.Numbers;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.EvaluationCounts;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.KnownSample;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Tally;
import modelpatch.evaluate.WrongAnswer;
import modelpatch.locate.Diagnosis;
import modelpatch.locate.Evidence;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.FindDocument;
import modelpatch.locate.Findings;
import modelpatch.locate.LensThreshold;
import modelpatch.locate.MediationEvidence;
import modelpatch.locate.RankedHead;
import modelpatch.locate.RankedLayer;
import modelpatch.locate.Sites;

/** Findings for a reader: the gap, the failures by diagnosis with their evidence, the heads and layers that carry the missing effect. */
public final class FindingsView {
    private static final int EXAMPLES = 3;
    private static final int HEADS = 10;
    private static final int UNKNOWN = 5;

    private FindingsView() {}

    /** All of it, without a final newline. */
    public static String text(FindDocument document) {
        Findings findings = document.findings();
        List<String> parts = new ArrayList<>();
        parts.add(Numbers.format(
                "%s (%s, %.1f M parameters)",
                findings.model().name(),
                findings.model().architecture(),
                findings.model().parameters() / 1e6));
        parts.add(EvaluationView.text(document.evaluation())
                + findings.sample().map(FindingsView::sample).orElse(""));
        document.taught()
                .ifPresent(taught -> parts.add("taught compositions, counted apart\n" + EvaluationView.text(taught)));
        boolean singleFacts = findings.counts().hopKnown().keySet().equals(Set.of("hop1"));
        parts.add(
                singleFacts
                        ? "single facts: nothing is composed, so there is no composition to fail"
                        : gap(findings.counts())
                                + document.bare().map(FindingsView::bare).orElse(""));
        if (!findings.failures().isEmpty()) {
            parts.add(failures(findings));
            parts.add(lens(findings.lens()));
        }
        unknown(document.evaluation()).ifPresent(parts::add);
        if (!findings.failures().isEmpty() && !findings.last().tellsHeads()) {
            parts.add(tooFew(findings));
        } else if (findings.last().cases() > 0) {
            parts.add(heads(findings));
            parts.add(sites(findings.sites()));
        }
        document.planted().map(PlantedView::text).ifPresent(parts::add);
        return String.join("\n\n", parts);
    }

    private static String sample(KnownSample sample) {
        String asked =
                sample.asked() == sample.suite() ? "all " + sample.suite() : sample.asked() + " of " + sample.suite();
        return "\nasked " + asked + " cases to find " + sample.wanted() + " known ones: "
                + (sample.known() == sample.wanted() ? "found" : "only " + sample.known() + " are known");
    }

    private static String gap(EvaluationCounts counts) {
        return "every hop known: " + counts.known() + " cases, of which " + counts.composed()
                + " compose\ncompositionality gap: " + new Tally(counts.failures(), counts.known()).share()
                + ", 95 % interval " + Interval.percent(counts.gapInterval()) + " (bootstrap by bridge)";
    }

    private static String bare(Evaluation bare) {
        return "\nwithout demonstrations: " + bare.counts().known() + " of these "
                + bare.counts().cases() + (bare.complete() ? "" : " (as far as reached)")
                + " cases have every hop known, of which " + bare.counts().composed() + " compose";
    }

    private static String failures(Findings findings) {
        int all = findings.failures().size();
        StringBuilder text = new StringBuilder("what the failures say instead of the answer:")
                .append(wrongAnswers(findings))
                .append(artefacts(findings))
                .append("\n\nfailures by diagnosis");
        for (Diagnosis diagnosis : Diagnosis.values()) {
            List<FailureFinding> group = findings.failures().stream()
                    .filter(one -> one.diagnosis() == diagnosis)
                    .toList();
            if (!group.isEmpty()) {
                text.append("\n\n  ")
                        .append(diagnosis.words())
                        .append(", ")
                        .append(new Tally(group.size(), all).share())
                        .append("\n  ")
                        .append(diagnosis.meaning());
                examples(group).forEach(one -> text.append(example(one)));
                text.append("\n    remedy: ").append(diagnosis.remedies().get(0));
            }
        }
        return text.toString();
    }

    /** The first failures, of different relations as far as there are any. */
    private static List<FailureFinding> examples(List<FailureFinding> group) {
        Map<String, FailureFinding> byRelations = new LinkedHashMap<>();
        group.forEach(one -> byRelations.putIfAbsent(one.id().replaceFirst(":.*", ""), one));
        return Stream.concat(byRelations.values().stream(), group.stream())
                .distinct()
                .limit(EXAMPLES)
                .toList();
    }

    /** A line per kind of wrong answer, the commonest first. */
    private static String wrongAnswers(Findings findings) {
        Map<String, Integer> counts = findings.wrongAnswers();
        return Stream.of(WrongAnswer.values())
                .filter(kind -> counts.getOrDefault(kind.key(), 0) > 0)
                .sorted(Comparator.comparing(kind -> -counts.get(kind.key())))
                .map(kind -> Numbers.format("\n%8d  %s", counts.get(kind.key()), kind.words()))
                .collect(Collectors.joining());
    }

    /** What somebody should read before it passes for a failure. */
    private static String artefacts(Findings findings) {
        StringBuilder text = new StringBuilder();
        findings.artefacts().forEach((why, group) -> {
            text.append(Numbers.format("\n%8d  %s", group.size(), why.words()));
            group.stream()
                    .limit(2)
                    .forEach(one -> text.append("\n            ")
                            .append(one.id())
                            .append(": ")
                            .append(one.predicted())
                            .append("  [")
                            .append(one.answer())
                            .append(']'));
        });
        return text.isEmpty() ? "" : "\n\nof these, answers that may be right after all, to be read:" + text;
    }

    private static String example(FailureFinding one) {
        Evidence evidence = one.evidence();
        StringBuilder text = new StringBuilder("\n    ")
                .append(one.id())
                .append("\n      ")
                .append(one.prompt().replace('\n', ' '))
                .append(" -> ")
                .append(one.predicted().isBlank() ? "(nothing)" : one.predicted())
                .append("  [by ")
                .append(one.bridge())
                .append(": ")
                .append(one.answer())
                .append("]\n      bridge at best at rank ")
                .append(evidence.bestRank())
                .append(" where its phrase ends");
        evidence.surfacedAfterLayer()
                .ifPresent(layer -> text.append(", surfaced after layer ").append(layer));
        evidence.mediation().ifPresent(mediation -> text.append("; ").append(mediation(mediation)));
        return text.toString();
    }

    private static String mediation(MediationEvidence mediation) {
        List<String> heads = mediation.topHeads().stream()
                .limit(3)
                .map(head -> head.head() + " " + Numbers.signed(head.score()))
                .toList();
        return "p(answer) " + Numbers.decimal(mediation.probability(), 3) + ", restored by " + String.join(", ", heads);
    }

    private static String lens(LensThreshold lens) {
        if (lens.k().isEmpty()) {
            return "logit lens: " + lens.rightCases()
                    + " right cases are too few to say when a bridge counts as surfaced";
        }
        return "logit lens: a bridge counts as surfaced within rank " + lens.k().get() + "; "
                + Numbers.percent(lens.rightWithin()) + " of " + lens.rightCases()
                + " right cases reach it, other entities of its"
                + " type in " + Numbers.percent(lens.randomWithin()) + ", difference "
                + Interval.percent(lens.difference())
                + "\nso the lens is "
                + (lens.informative() ? "informative" : "uninformative for this model, and no diagnosis rests on it");
    }

    /** Facts that the model does not say, where that is most of what there is to tell. */
    private static Optional<String> unknown(Evaluation evaluation) {
        EvaluationCounts counts = evaluation.counts();
        Map<String, String> facts = new LinkedHashMap<>();
        for (CaseOutcome one : evaluation.cases()) {
            for (int hop = 0; hop < one.hops().size(); hop++) {
                Reply reply = one.hops().get(hop);
                int behind = one.hops().size() - 1 - hop;
                if (!reply.right()) {
                    String right = behind == 0 ? one.answer() : behind == 1 ? one.bridge() : "";
                    facts.putIfAbsent(
                            reply.prompt().replace('\n', ' '),
                            (reply.predicted().isBlank() ? "(nothing)" : reply.predicted())
                                    + (right.isEmpty() ? "" : "  [" + right + "]"));
                }
            }
        }
        if (facts.isEmpty() || 2 * counts.known() > counts.cases()) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder("your model does not know ")
                .append(facts.size())
                .append(facts.size() == 1 ? " of these facts:" : " of these facts, such as:");
        facts.entrySet().stream()
                .limit(UNKNOWN)
                .forEach(one -> text.append("\n    ")
                        .append(one.getKey())
                        .append(" -> ")
                        .append(one.getValue()));
        return Optional.of(text.append(
                        "\nwhat helps: look whether its answers are right in other words (aliases in the facts) and whether the"
                                + " prompts suit it\n(--form, --chat, --few-shot); else teach it the facts, or put them into the prompt:"
                                + " without them there is nothing to compose")
                .toString());
    }

    private static String tooFew(Findings findings) {
        Findings.LastToken last = findings.last();
        return "single heads are not ranked here: that takes " + Findings.LastToken.FEWEST_CASES
                + " failing cases of the choose side with " + Findings.LastToken.FEWEST_BRIDGES
                + " bridges, and there are " + last.cases() + " with " + last.bridges()
                + (findings.sample().isPresent()
                        ? "\nmore cases would do: raise --max-cases"
                        : last.cases() == findings.split().choose().failures().size()
                                ? "\nabout " + Numbers.format("%.1f", last.factsNeeded())
                                        + " times as many facts of this kind would do"
                                : "\nmore cases were found than mediated: see --max-mediated")
                + (findings.sites().windows().isEmpty()
                        ? ""
                        : "\nan edit would act where these few cases point: attention of layers "
                                + findings.sites().windows().stream()
                                        .map(window -> window.first() + " to " + window.last())
                                        .collect(Collectors.joining(", ")));
    }

    private static String heads(Findings findings) {
        Table table = Table.of("head", "effect>", "control>", "effect - control>", "95 % interval", "necessity>");
        findings.heads().stream().limit(HEADS).forEach(head -> table.row(row(head)));
        String measure =
                findings.options().measure().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return "attention heads at the last token: what restoring one from the guide prompt does to the " + measure
                + "\n("
                + findings.last().cases() + " failing cases of the choose side, "
                + findings.last().bridges()
                + " bridges; control: the guide of a wrong bridge)\n" + table;
    }

    private static Object[] row(RankedHead head) {
        return new Object[] {
            head.head(),
            Numbers.signed(head.effect()),
            Numbers.signed(head.control()),
            Numbers.signed(head.score()),
            Interval.decimal(head.ci()),
            head.necessity().isPresent() ? Numbers.signed(head.necessity().getAsDouble()) : "n/a"
        };
    }

    private static String sites(Sites sites) {
        Table table = Table.of("attention of layers", "effect>", "control>", "effect - control>", "95 % interval");
        for (RankedLayer window : sites.windows()) {
            table.row(
                    window.first() + " to " + window.last(),
                    Numbers.signed(window.effect()),
                    Numbers.signed(window.control()),
                    Numbers.signed(window.score()),
                    Interval.decimal(window.ci()));
        }
        String heads = sites.heads().isEmpty()
                ? "no single head is clearly positive"
                : sites.heads().size() + " heads hold " + Numbers.percent(sites.headShare())
                        + " of the positive effect: " + String.join(" ", sites.heads());
        return "where an edit should act\n" + table + "\n" + heads
                + sites.halfwayLayer()
                        .map(layer -> "; half of the effect has acted by layer " + layer)
                        .orElse("");
    }
}
