package modelpatch.evaluate;

import java.util.List;
import java.util.stream.Stream;
import modelpatch.Versions;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.Background;
import modelpatch.cases.FewShot;
import modelpatch.checkpoint.Sha256;

/**
 * What a model is asked, and how.
 *
 * @param deciding the protocol that decides what counts as right
 */
public record Questions(AskedSuite asked, Protocol deciding) {
    /** Cases asked without demonstrations, as suits a model that was trained on them; the greedy continuation decides. */
    public static Questions bare(AskedSuite asked) {
        return new Questions(
                asked, Protocol.generated(FewShot.none(asked.suite().form())));
    }

    /**
     * Names some work on a model by all that its pieces follow from.
     *
     * @param modelDigest of the model with its patches
     * @param work what is done, in a word
     * @param options how; its text names all of them
     */
    public String key(String modelDigest, String work, Object options) {
        Background background = asked.background();
        Sha256 sha = new Sha256();
        Stream.of(
                        Versions.computing(),
                        modelDigest,
                        work,
                        deciding.identity(),
                        options,
                        background.relations().all())
                .forEach(part -> sha.add(part + "\n"));
        // one by one: together they can be longer than a text may be
        Stream.of(List.of(asked.suite()), asked.taught().stream().toList()).forEach(suites -> {
            suites.forEach(suite -> suite.cases().forEach(one -> sha.add(one + "\n")));
            sha.add("\n");
        });
        background.facts().facts().forEach(fact -> sha.add(fact + "\n"));
        background.names().entities().stream()
                .sorted()
                .forEach(entity -> sha.add(entity + background.names().inSentence(entity)
                        + background.names().aliases(entity) + "\n"));
        return sha.hex().substring(0, 32);
    }
}
