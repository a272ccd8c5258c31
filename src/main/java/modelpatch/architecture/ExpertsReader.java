package modelpatch.architecture;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.architecture.Linear.Slice;
import modelpatch.architecture.Router.Groups;
import modelpatch.family.Family;
import modelpatch.family.Part;
import modelpatch.family.Setting;
import modelpatch.family.Switches.ExpertKind;

/** Reads which layers have experts in place of one MLP, and what these are. */
final class ExpertsReader {
    private final Settings settings;
    private final Family family;
    private final LayoutReader layout;
    private final int dModel;
    private final int dExpert;
    private final int count;

    /** @param layout names the linear layers */
    ExpertsReader(Settings settings, ModelConfig config, LayoutReader layout) {
        this.settings = settings;
        this.family = settings.family();
        this.layout = layout;
        this.dModel = config.dModel();
        this.dExpert = settings.maybeInteger(Setting.D_EXPERT).orElse(config.dMlp());
        this.count = family.experts() == ExpertKind.NONE
                ? 0
                : settings.maybeListed(Setting.N_EXPERTS).orElse(0);
    }

    boolean has(int layer) {
        if (count == 0
                || settings.numbers(Setting.DENSE_LAYERS).orElse(Set.of()).contains(layer)) {
            return false;
        }
        return settings.numbers(Setting.EXPERT_LAYERS)
                .map(layers -> layers.contains(layer))
                .orElseGet(() ->
                        layer >= settings.maybeCount(Setting.FIRST_EXPERT_LAYER).orElse(0)
                                && (layer + 1)
                                                % settings.maybeInteger(Setting.EXPERT_STEP)
                                                        .orElse(1)
                                        == 0);
    }

    Mlp.Experts read(int layer) {
        return new Mlp.Experts(
                router(layer),
                IntStream.range(0, count)
                        .mapToObj(expert -> expert(layer, expert))
                        .toList(),
                shared(layer));
    }

    private Router router(int layer) {
        Optional<Groups> groups = groups();
        int chosen = settings.integer(Setting.CHOSEN_EXPERTS);
        int open = groups.map(all -> all.kept() * (count / all.count())).orElse(count);
        if (chosen > open) {
            throw settings.bad(
                    Setting.CHOSEN_EXPERTS, "at most the " + open + " experts that stand for choice", chosen + "");
        }
        return new Router(
                layout.linear(Part.ROUTER, layer, count, dModel),
                family.routerScore(),
                chosen,
                settings.flag(Setting.NORMALISED_EXPERTS).orElse(false),
                settings.maybeNumber(Setting.EXPERT_SCALE).orElse(1),
                family.has(Part.ROUTER_CORRECTION)
                        ? Optional.of(layout.name(Part.ROUTER_CORRECTION, layer))
                        : Optional.empty(),
                groups,
                family.weighsExpertInput());
    }

    /** The names are those of DeepSeek's configurations. */
    private Optional<Groups> groups() {
        String choice = settings.text(Setting.EXPERT_CHOICE).orElse("greedy");
        int best = switch (choice) {
            case "greedy" -> 0;
            case "group_limited_greedy" -> 1;
            case "noaux_tc" -> 2;
            default ->
                throw new BadInput(
                        "choice of experts",
                        settings.where(),
                        "greedy, group_limited_greedy or noaux_tc",
                        "\"" + choice + "\"",
                        "its formula is missing here");
        };
        int groups = best == 0 ? 1 : settings.integer(Setting.EXPERT_GROUPS);
        if (groups == 1) {
            return Optional.empty();
        }
        if (count % groups != 0 || count / groups < best) {
            throw settings.bad(Setting.EXPERT_GROUPS, "groups of equal size for " + count + " experts", groups + "");
        }
        int kept = settings.integer(Setting.CHOSEN_GROUPS);
        if (kept > groups) {
            throw settings.bad(Setting.CHOSEN_GROUPS, "at most " + groups, kept + "");
        }
        return Optional.of(new Groups(groups, kept, best));
    }

    private Mlp expert(int layer, int expert) {
        if (family.experts() == ExpertKind.SEPARATE) {
            return new Mlp.Gated(
                    layout.linear(Part.EXPERT_GATE, layer, expert, dExpert, dModel),
                    layout.linear(Part.EXPERT_IN, layer, expert, dExpert, dModel),
                    layout.activation(),
                    layout.linear(Part.EXPERT_OUT, layer, expert, dModel, dExpert));
        }
        Slice slice = new Slice(expert, count);
        boolean transposed = family.experts() == ExpertKind.STACKED_IN_OUT;
        return layout.fused(
                layout.slice(Part.EXPERT_GATE_IN, layer, slice, transposed, 2L * dExpert, dModel),
                layout.slice(Part.EXPERT_OUT, layer, slice, transposed, dModel, dExpert));
    }

    private Optional<Mlp.Experts.Shared> shared(int layer) {
        if (!family.has(Part.SHARED_OUT)) {
            return Optional.empty();
        }
        OptionalInt width = settings.maybeInteger(Setting.D_SHARED);
        int dShared =
                width.orElseGet(() -> settings.maybeCount(Setting.N_SHARED).orElse(0) * dExpert);
        if (dShared == 0) {
            return Optional.empty();
        }
        Mlp mlp = new Mlp.Gated(
                layout.linear(Part.SHARED_GATE, layer, dShared, dModel),
                layout.linear(Part.SHARED_IN, layer, dShared, dModel),
                layout.activation(),
                layout.linear(Part.SHARED_OUT, layer, dModel, dShared));
        Optional<Linear> share = family.has(Part.SHARED_SHARE)
                ? Optional.of(layout.linear(Part.SHARED_SHARE, layer, 1, dModel))
                : Optional.empty();
        return Optional.of(new Mlp.Experts.Shared(mlp, share));
    }
}
