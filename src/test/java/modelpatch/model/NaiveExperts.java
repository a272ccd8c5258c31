package modelpatch.model;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import modelpatch.architecture.Activation;
import modelpatch.architecture.Linear;
import modelpatch.architecture.Mlp;
import modelpatch.architecture.Router;
import modelpatch.family.Switches.RouterScore;

/** The slow, obvious mixture of experts in double, one row at a time: every expert is evaluated, and those that are not chosen weigh 0. */
record NaiveExperts(Mlp.Experts experts, Map<String, double[]> weights) {

    double[] apply(double[] x) {
        double[] shares = shares(x);
        double[] sum = new double[x.length];
        for (int e = 0; e < shares.length; e++) {
            Mlp expert = experts.experts().get(e);
            if (experts.router().weighsInput()) {
                add(sum, 1, mlp(expert, scaled(x, shares[e])));
            } else {
                add(sum, shares[e], mlp(expert, x));
            }
        }
        experts.shared().ifPresent(shared -> {
            double share =
                    shared.gate().map(gate -> sigmoid(linear(gate, x)[0])).orElse(1.0);
            add(sum, share, mlp(shared.mlp(), x));
        });
        return sum;
    }

    /** The weight of every expert, 0 for those that are not chosen. */
    double[] shares(double[] x) {
        Router router = experts.router();
        double[] logits = linear(router.linear(), x);
        double[] scores = router.score() == RouterScore.SIGMOID
                ? Arrays.stream(logits).map(NaiveExperts::sigmoid).toArray()
                : softmax(logits);
        double[] ranked = scores.clone();
        router.correction().ifPresent(name -> add(ranked, 1, weights.get(name)));
        Set<Integer> open = open(router, ranked);
        List<Integer> chosen = IntStream.range(0, ranked.length)
                .boxed()
                .filter(open::contains)
                .sorted(Comparator.comparingDouble(e -> -ranked[e]))
                .limit(router.chosen())
                .toList();
        double total = router.normalised()
                ? chosen.stream().mapToDouble(e -> scores[e]).sum()
                : 1;
        double[] shares = new double[scores.length];
        chosen.forEach(e -> shares[e] = scores[e] / total * router.scale());
        return shares;
    }

    private static Set<Integer> open(Router router, double[] ranked) {
        int groups = router.groups().map(Router.Groups::count).orElse(1);
        int kept = router.groups().map(Router.Groups::kept).orElse(1);
        int best = router.groups().map(Router.Groups::best).orElse(1);
        int size = ranked.length / groups;
        Set<Integer> open = new TreeSet<>();
        IntStream.range(0, groups)
                .boxed()
                .sorted(Comparator.comparingDouble(group -> -IntStream.range(0, size)
                        .mapToDouble(i -> -ranked[group * size + i])
                        .sorted()
                        .limit(best)
                        .map(score -> -score)
                        .sum()))
                .limit(kept)
                .forEach(group -> IntStream.range(0, size).forEach(i -> open.add(group * size + i)));
        return open;
    }

    private double[] mlp(Mlp mlp, double[] x) {
        return mlp.fold(
                plain -> linear(plain.out(), activated(plain.activation(), linear(plain.in(), x))),
                gated -> linear(
                        gated.out(),
                        product(activated(gated.activation(), linear(gated.gate(), x)), linear(gated.in(), x))),
                fused -> {
                    double[] both = linear(fused.gateAndIn(), x);
                    double[] gate = Arrays.copyOf(both, both.length / 2);
                    double[] in = Arrays.copyOfRange(both, both.length / 2, both.length);
                    return linear(fused.out(), product(activated(fused.activation(), gate), in));
                },
                clamped -> {
                    double[] both = linear(clamped.gateAndIn(), x);
                    double[] hidden = new double[both.length / 2];
                    for (int i = 0; i < hidden.length; i++) {
                        double gate = Math.min(both[2 * i], clamped.limit());
                        double unit = Math.max(-clamped.limit(), Math.min(both[2 * i + 1], clamped.limit()));
                        hidden[i] = gate * sigmoid(clamped.sharpness() * gate) * (unit + 1);
                    }
                    return linear(clamped.out(), hidden);
                },
                nested -> new NaiveExperts(nested, weights).apply(x));
    }

    private double[] linear(Linear linear, double[] x) {
        int out = (int) linear.dOut();
        int in = (int) linear.dIn();
        double[] stored = weights.get(linear.weight());
        int first = linear.slice().map(Linear.Slice::index).orElse(0);
        double[] y = new double[out];
        for (int i = 0; i < out; i++) {
            for (int j = 0; j < in; j++) {
                y[i] += stored[first * out * in + (linear.transposed() ? j * out + i : i * in + j)] * x[j];
            }
            if (linear.bias().isPresent()) {
                y[i] += weights.get(linear.bias().get())[first * out + i];
            }
        }
        return y;
    }

    private static double[] activated(Activation activation, double[] x) {
        if (activation != Activation.SILU) {
            throw new IllegalArgumentException("no oracle for " + activation);
        }
        return Arrays.stream(x).map(value -> value * sigmoid(value)).toArray();
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double[] softmax(double[] x) {
        double[] exponentials = Arrays.stream(x).map(Math::exp).toArray();
        return scaled(exponentials, 1 / Arrays.stream(exponentials).sum());
    }

    private static double[] scaled(double[] x, double factor) {
        return Arrays.stream(x).map(value -> value * factor).toArray();
    }

    private static double[] product(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).toArray();
    }

    private static void add(double[] sum, double factor, double[] x) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * x[i];
        }
    }
}
