package modelpatch.edit;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;

/** Second moments of every matrix on one text, which is made when the first of them is asked for. */
public final class EstimatedMoments {
    private static final int PROMPTS = 400;

    private final LanguageModel model;
    private final String digest;
    private final Protocol protocol;
    private final PromptMaker prompts;
    private final SecondMomentCache cache;
    private final Map<EditedMatrix, SecondMoments> known = new EnumMap<>(EditedMatrix.class);
    private PromptEncoder.Parted text;

    /**
     * Moments of a model; nothing is computed yet.
     *
     * @param digest names the model with the patches on it
     * @param protocol whose few-shot prefix stands before the suite's prompts
     * @param cache keeps what was estimated, beside what an interrupted estimate has seen
     */
    public EstimatedMoments(
            LanguageModel model, String digest, Protocol protocol, PromptMaker prompts, SecondMomentCache cache) {
        this.model = model;
        this.digest = digest;
        this.protocol = protocol;
        this.prompts = prompts;
        this.cache = cache;
    }

    /** Those of what one matrix reads. */
    public SecondMoments of(EditedMatrix matrix) {
        return known.computeIfAbsent(
                matrix, one -> new SecondMoments(model, digest, one.reads(), text().prefix(), text().ids(), cache));
    }

    /** Prompts of the suite, and passages that the model writes. */
    private PromptEncoder.Parted text() {
        if (text == null) {
            PromptEncoder.Parted asked =
                    new PromptEncoder(model, protocol.frame()).parted(prompts.generic(PROMPTS, false));
            List<int[]> ids = new ArrayList<>(asked.ids());
            ids.addAll(new SelfWritten(model, digest, asked.prefix(), cache.directory()).passages());
            text = new PromptEncoder.Parted(asked.prefix(), ids);
        }
        return text;
    }
}
