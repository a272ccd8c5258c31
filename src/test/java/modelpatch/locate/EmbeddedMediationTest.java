package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.model.HeadAddress;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.NextToken;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.model.WhatIf;
import modelpatch.train.World;
import org.junit.jupiter.api.Test;

/** The committed model's heads, several cases of its world resumed side by side, against one full run per head. */
class EmbeddedMediationTest {
    private static final Path HOME = Path.of("models", "default");
    private static final int[] NO_PREFIX = {};
    private static final int CASES = 4;

    @Test
    void headsOfSeveralCasesTogetherAreThoseOfOneFullRunPerHead() {
        World world = World.read(HOME);
        List<CompositionalCase> cases = world.heldOut().cases().subList(0, CASES);
        try (LanguageModel model = LanguageModel.open(HOME, LoadOptions.defaults())) {
            List<RecordedRun> recipients = model.record(NO_PREFIX, ids(model, cases, CompositionalCase::compositions));
            List<RecordedRun> donors = model.record(NO_PREFIX, ids(model, cases, CompositionalCase::guides));
            List<Recipient> intos = new ArrayList<>();
            List<WhatIf> asked = new ArrayList<>();
            for (int i = 0; i < CASES; i++) {
                Recipient into = new Recipient(model.config(), recipients.get(i), 5, 9, 1);
                RecordedRun donor = donors.get(i);
                int last = recipients.get(i).length() - 1;
                intos.add(into);
                asked.add(into.every(last, List.of(new Recipient.Source(donor, donor.length() - 1))));
            }
            List<List<Readout>> readouts = model.resume(asked, true);
            for (int i = 0; i < CASES; i++) {
                SiteEffects effects = intos.get(i).effects(readouts.get(i)).get(0);
                int[] prompt =
                        ids(model, cases, CompositionalCase::compositions).get(i);
                for (HeadAddress head : effects.addresses()) {
                    float[] z = donors.get(i).z(head, donors.get(i).length() - 1);
                    Intervention change = Intervention.head(head, prompt.length - 1, z);
                    float[] logits = model.run(NO_PREFIX, List.of(prompt), Set.of(), List.of(List.of(change)))
                            .logits(0);
                    Readout naive = new Readout(new double[] {logits[5], logits[9]}, NextToken.logSumExp(logits));
                    Effect expected = Effect.between(intos.get(i).before(), naive);
                    Effect found = effects.head(head);
                    assertThat(found.logitDifference()).isCloseTo(expected.logitDifference(), within(1e-4));
                    assertThat(found.probability()).isCloseTo(expected.probability(), within(1e-5));
                }
            }
            recipients.forEach(RecordedRun::close);
            donors.forEach(RecordedRun::close);
        }
    }

    private static List<int[]> ids(
            LanguageModel model,
            List<CompositionalCase> cases,
            java.util.function.Function<CompositionalCase, List<Query>> prompts) {
        return cases.stream()
                .map(one -> model.tokenizer().encode(prompts.apply(one).get(0).prompt()))
                .toList();
    }
}
