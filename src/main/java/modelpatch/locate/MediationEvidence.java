package modelpatch.locate;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import modelpatch.Numbers;
import modelpatch.model.HeadAddress;

/**
 * What mediation says about one failing case.
 *
 * @param contrast the token that the answer is held against, as the vocabulary spells it
 * @param contrastPredicted whether it is the model's own wrong answer; otherwise the likeliest token but for the answer's
 * @param probability p of the answer's token in the composition
 * @param logOdds its log-odds there
 * @param logitDifference its logit minus the contrast's there
 * @param total what the guide prompt itself says, against the composition
 * @param wrongBridge the bridge of the control; empty where none fits
 * @param controlTotal what the control's prompt itself says, against the composition
 * @param topHeads the five heads of the greatest score at the last token
 * @param last every site at the last token
 * @param phraseEnd every site at the end of the first hop's phrase; empty where that was not asked for
 */
public record MediationEvidence(
        String contrast,
        boolean contrastPredicted,
        double probability,
        double logOdds,
        double logitDifference,
        Effect total,
        Optional<String> wrongBridge,
        Optional<Effect> controlTotal,
        List<TopHead> topHeads,
        Profile last,
        Optional<Profile> phraseEnd) {
    private static final int TOP = 5;

    public MediationEvidence {
        topHeads = List.copyOf(topHeads);
    }

    /**
     * A head in one case, in the measure that ranks.
     *
     * @param control empty where there is none; the score is then the effect
     */
    public record TopHead(String head, double effect, OptionalDouble control, double score) {}

    /**
     * Effects in the measure that ranks.
     *
     * @param effect from the guide, by layer
     * @param control from the guide of a wrong bridge, by layer; empty where there is none
     */
    public record Curve(List<Double> effect, Optional<List<Double>> control) {}

    /**
     * One position of a case, in the measure that ranks.
     *
     * @param headEffects {@code [layer][head]}
     * @param headControls {@code [layer][head]}; empty where there is no control
     * @param layers other kinds of site
     */
    public record Profile(
            List<List<Double>> headEffects, Optional<List<List<Double>>> headControls, ByLayerSite<Curve> layers) {}

    static MediationEvidence of(CaseMediation mediation, Effect.Measure measure) {
        DonorEffects guide = mediation.guide().orElseThrow();
        Optional<DonorEffects> control = mediation.control();
        return new MediationEvidence(
                mediation.contrast(),
                mediation.contrastPredicted(),
                Numbers.rounded(mediation.before().probability(0)),
                Numbers.rounded(mediation.before().logOdds(0)),
                Numbers.rounded(Effect.logitDifference(mediation.before())),
                guide.total().rounded(),
                mediation.wrongBridge(),
                control.map(one -> one.total().rounded()),
                topHeads(guide.last(), control.map(DonorEffects::last), measure),
                profile(guide.last(), control.map(DonorEffects::last), measure),
                guide.phraseEnd().map(sites -> profile(sites, control.flatMap(DonorEffects::phraseEnd), measure)));
    }

    private static List<TopHead> topHeads(SiteEffects guide, Optional<SiteEffects> control, Effect.Measure measure) {
        Function<HeadAddress, TopHead> top = head -> {
            double effect = measure.of(guide.head(head));
            OptionalDouble other = control.isPresent()
                    ? OptionalDouble.of(Numbers.rounded(measure.of(control.get().head(head))))
                    : OptionalDouble.empty();
            return new TopHead(
                    head.toString(), Numbers.rounded(effect), other, Numbers.rounded(effect - other.orElse(0)));
        };
        return guide.addresses().stream()
                .map(top)
                .sorted(Comparator.comparingDouble(TopHead::score).reversed())
                .limit(TOP)
                .toList();
    }

    private static Profile profile(SiteEffects guide, Optional<SiteEffects> control, Effect.Measure measure) {
        return new Profile(
                matrix(guide, measure),
                control.map(one -> matrix(one, measure)),
                ByLayerSite.of(site -> new Curve(
                        numbers(guide.layers().of(site), measure),
                        control.map(one -> numbers(one.layers().of(site), measure)))));
    }

    private static List<List<Double>> matrix(SiteEffects effects, Effect.Measure measure) {
        return effects.heads().stream().map(row -> numbers(row, measure)).toList();
    }

    private static List<Double> numbers(List<Effect> effects, Effect.Measure measure) {
        return effects.stream()
                .map(effect -> Numbers.rounded(measure.of(effect)))
                .toList();
    }
}
