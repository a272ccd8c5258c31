package modelpatch.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.PromptMaker;
import modelpatch.edit.SecondMomentCache;
import modelpatch.edit.SecondMoments;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LanguageModel;

/** Second moments of every matrix on one text, which is made when the first of them is asked for. */
final class EstimatedMoments {
    private static final int PROMPTS = 400;
    private static final int PASSAGES = 128;
    private static final int PASSAGE_TOKENS = 32;

    private final PatchedModel opened;
    private final Protocol protocol;
    private final PromptMaker prompts;
    private final Map<EditedMatrix, SecondMoments> known = new EnumMap<>(EditedMatrix.class);
    private PromptEncoder.Parted text;

    EstimatedMoments(PatchedModel opened, Protocol protocol, PromptMaker prompts) {
        this.opened = opened;
        this.protocol = protocol;
        this.prompts = prompts;
    }

    SecondMoments of(EditedMatrix matrix) {
        return known.computeIfAbsent(
                matrix,
                one -> new SecondMoments(
                        opened.model(),
                        opened.digest(),
                        one.reads(),
                        text().prefix(),
                        text().ids(),
                        SecondMomentCache.at(Installation.cache().resolve("moments"))));
    }

    /** Prompts of the suite, and passages that the model writes. */
    private PromptEncoder.Parted text() {
        if (text == null) {
            PromptEncoder.Parted asked =
                    new PromptEncoder(opened.base(), protocol.fewShot().text()).parted(prompts.generic(PROMPTS, false));
            List<int[]> ids = new ArrayList<>(asked.ids());
            ids.addAll(selfWritten(opened.model(), asked.prefix()));
            text = new PromptEncoder.Parted(asked.prefix(), ids);
        }
        return text;
    }

    /**
     * What a model writes by itself after tokens drawn at random: text of every kind that it knows, without a corpus. The suite's prompts alone
     * leave most directions of a large model's inputs unused, and an edit would take them for free.
     */
    private static List<int[]> selfWritten(LanguageModel model, int[] prefix) {
        SplittableRandom random = new SplittableRandom(0);
        List<int[]> starts = IntStream.range(0, PASSAGES)
                .mapToObj(i -> new int[] {random.nextInt(model.config().dVocab())})
                .toList();
        List<int[]> written = model.generate(prefix, starts, PASSAGE_TOKENS - 1, soFar -> false);
        return IntStream.range(0, PASSAGES)
                .mapToObj(i -> IntStream.concat(Arrays.stream(starts.get(i)), Arrays.stream(written.get(i)))
                        .toArray())
                .toList();
    }
}
