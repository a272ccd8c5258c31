package modelpatch.train;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import modelpatch.Numbers;
import modelpatch.cases.Planted;
import modelpatch.evaluate.WrongAnswer;

/** The README.md of a trained model: what it is, what it is for, how it was made, what it answers, and what it must not be taken for. */
final class ModelCard {
    private ModelCard() {}

    static String text(TrainingHistory history, TrainedModel trained, World world, long parameters, Portrait portrait) {
        TrainingConfig config = history.config();
        TrainingConfig.Shape shape = config.model();
        TrainingConfig.Lessons lessons = config.lessons();
        return Numbers.format(
                        """
                # Model "%s"

                A Llama-style decoder of %.2f million parameters (%d layers, d_model %d, %d heads, d_mlp %d, tied embeddings, float32) that knows
                a synthetic world and nothing else: people, places, works and companies under invented names, told in plain English. It was
                trained by `patch train`. It is there to show, in seconds and without a download, what modelpatch does on a model that knows
                every single fact and fails to compose some of them, and to test the toolkit where the cause of a failure is known.

                ## What was taught and what was withheld

                - %,d single facts, all taught, each in every one of its nine or more sentences and questions.
                - %,d two-hop compositions taught, in every sentence and question of their second relation.
                - %,d two-hop compositions held out: none of them stood in the training text in any form. They are the default suite of
                  `patch find`. `world.json` lists them by what was withheld: their first hop never served as a first hop, their second
                  hop never as a second hop, both, or nothing but the pair.

                ## The bridge is visible because training made it so

                %s

                ## What it answers

                Greedy answers, compared word for word with the fact; known means right in every sentence and question.

                | | share | n |
                |---|---|---|
                | single facts known | %s | %d |
                | taught compositions known | %s | %d |
                | gap: held-out compositions with known hops that are answered wrongly | %s | %d |

                By what was withheld, with the lens at the end of the first hop's phrase after block %d (blocks count from 0; "bridge first" means
                that the bridge's last token is the lens's first):

                | withheld | right | bridge first, of these | wrong | bridge first, of these |
                |---|---|---|---|---|
                %s

                What the wrong answers are, by their text alone:

                | answer | share | n |
                |---|---|---|
                %s

                ## How it was made

                Seed %d, %d steps of %d sequences of %d tokens, %d threads; %s. `recipe.yaml` is the configuration, `training.json` the
                record of the run, `loss.svg` its plot, `golden.json` a few outputs by which `patch doctor` tells whether another machine computes the
                same. To make it again:

                    patch train --config models/%s/recipe.yaml --threads 1

                With one thread the same machine gives the same bytes; with more threads sums are taken in another order.

                Weights, SHA-256: `%s`

                ## What it is not

                No language model: it has a vocabulary of a few hundred words and knows no sentence but those of `relations.yaml`. Numbers measured
                on it say how the toolkit works, not how large models fail.

                %s
                """,
                        config.name(),
                        parameters / 1e6,
                        shape.layers(),
                        shape.width(),
                        shape.heads(),
                        shape.mlp(),
                        world.facts().facts().size(),
                        world.taught().cases().size(),
                        world.heldOut().cases().size(),
                        auxiliary(lessons),
                        percent(trained.exam().singles()),
                        trained.exam().facts(),
                        percent(trained.exam().taught()),
                        trained.exam().taughtCases(),
                        percent(trained.exam().gap()),
                        trained.exam().heldOutKnown(),
                        lessons.auxiliaryLayer(),
                        planted(portrait),
                        wrong(portrait),
                        config.seed(),
                        trained.steps(),
                        lessons.sequences(),
                        lessons.length(),
                        config.threads(),
                        trained.stoppedByRule()
                                ? "the stop rule ended the run"
                                : "the steps were used up before the stop rule held",
                        config.name(),
                        trained.digest(),
                        "![Losses and exams by step](loss.svg)")
                .lines()
                .map(String::stripTrailing)
                .reduce("", (text, line) -> text + line + "\n");
    }

    private static String auxiliary(TrainingConfig.Lessons lessons) {
        if (lessons.auxiliaryWeight() == 0) {
            return "Not this one: it was trained on the text alone, without an auxiliary loss.";
        }
        return Numbers.format(
                """
                Training used an auxiliary loss: beside predicting the next word, the model was asked, on %s of the taught compositions, to have
                the bridge entity readable by the logit lens at the end of the first hop's phrase after block %d (weight %s). Without it such a
                model composes too, but its bridge never surfaces in the lens. So what the lens shows here says that the toolkit
                reads rightly what is there; it does not say that large models hold their bridges in this way.""",
                lessons.auxiliaryShare() == 1 ? "all" : percent(lessons.auxiliaryShare()),
                lessons.auxiliaryLayer(),
                number(lessons.auxiliaryWeight()));
    }

    private static String planted(Portrait portrait) {
        Map<Planted, String> names = new EnumMap<>(Map.of(
                Planted.NOTHING, "nothing but the pair",
                Planted.FIRST_HOP, "first hop",
                Planted.SECOND_HOP, "second hop",
                Planted.BOTH, "both hops"));
        StringBuilder rows = new StringBuilder();
        names.forEach((planted, name) -> {
            Portrait.Share share = portrait.byPlanted().getOrDefault(planted, Portrait.Share.NONE);
            rows.append(Numbers.format(
                    "| %s | %d | %s | %d | %s |\n",
                    name,
                    share.right(),
                    share(share.rightWithBridge(), share.right()),
                    share.wrong(),
                    share(share.wrongWithBridge(), share.wrong())));
        });
        return rows.toString().strip();
    }

    private static String wrong(Portrait portrait) {
        int all = portrait.wrong().values().stream().mapToInt(Integer::intValue).sum();
        List<Map.Entry<WrongAnswer, Integer>> kinds = portrait.wrong().entrySet().stream()
                .sorted(Map.Entry.<WrongAnswer, Integer>comparingByValue().reversed())
                .toList();
        StringBuilder rows = new StringBuilder();
        kinds.forEach(kind -> rows.append(Numbers.format(
                "| %s | %s | %d |\n", kind.getKey().words(), share(kind.getValue(), all), kind.getValue())));
        return rows.toString().strip();
    }

    private static String share(int part, int all) {
        return all == 0 ? "none" : percent((double) part / all);
    }

    private static String percent(OptionalDouble share) {
        return share.isEmpty() ? "undefined" : percent(share.getAsDouble());
    }

    private static String percent(double share) {
        return Numbers.percent(share);
    }

    private static String number(double value) {
        return String.valueOf(value);
    }
}
