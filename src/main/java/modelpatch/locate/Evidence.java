package modelpatch.locate;

import java.util.Optional;
import modelpatch.evaluate.Artefact;
import modelpatch.evaluate.WrongAnswer;

/**
 * What a diagnosis rests on.
 *
 * @param wrongAnswer what the predicted text is
 * @param artefact why it may be right after all; empty where nothing speaks for it
 * @param k the rank within which a bridge counts as surfaced; empty where there are too few right cases
 * @param bestRank the bridge's best rank over all blocks at the end of the first hop's phrase
 * @param surfacedAfterLayer the first block after which it is within k; empty where it never is
 * @param halfwayLayer l*, by which half of the mediated effect has acted; empty where no effect is positive
 * @param lensInformative whether the lens can tell bridges from other entities in this model at all
 * @param lens bridge and answer in the lens, at both positions
 * @param mediation empty for a case that was not mediated
 */
public record Evidence(
        WrongAnswer wrongAnswer,
        Optional<Artefact> artefact,
        Optional<Integer> k,
        int bestRank,
        Optional<Integer> surfacedAfterLayer,
        Optional<Integer> halfwayLayer,
        boolean lensInformative,
        CaseLens lens,
        Optional<MediationEvidence> mediation) {}
