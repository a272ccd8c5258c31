package modelpatch.locate;

import java.util.Optional;

/**
 * What activations of one donor do in a composition.
 *
 * @param total what the donor run itself says, against the composition
 * @param last sites at the last token
 * @param phraseEnd sites at the end of the first hop's phrase, whose partner in the donor is the last token of the bridge; empty where
 *     that was not asked for
 */
record DonorEffects(Effect total, SiteEffects last, Optional<SiteEffects> phraseEnd) {}
