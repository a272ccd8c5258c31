package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import modelpatch.BadInput;
import modelpatch.family.Family;
import modelpatch.family.Setting;
import modelpatch.family.Switches.ProjectionKind;
import modelpatch.family.Switches.RotaryKind;
import modelpatch.family.Switches.SlidingRotary;
import modelpatch.family.Switches.WindowPattern;

/**
 * What each layer makes of positions: how far it sees, and how it turns its heads.
 *
 * @param slides by layer, whether it has a window
 * @param window how many positions, itself included, a query of such a layer sees; 0 for all
 * @param turns by layer, whether positions turn its heads
 * @param full how they turn heads in layers that see all
 * @param sliding how they turn heads in layers with a window
 * @param queryGain by what queries grow with their position
 * @param gainsAll whether they do in every layer, or where heads do not turn
 * @param scoreScale by what attention scores grow in a stretched context
 * @param chunks whether a window is the query's own chunk of the sequence
 */
record Positions(
        List<Boolean> slides,
        int window,
        List<Boolean> turns,
        Optional<Rotary> full,
        Optional<Rotary> sliding,
        Optional<QueryGain> queryGain,
        boolean gainsAll,
        double scoreScale,
        boolean chunks) {
    private static final String CHUNKED = "chunked_attention";
    private static final List<String> SLIDING = List.of("sliding_attention", "local");
    private static final List<String> FULL = List.of("full_attention", "global");

    int window(int layer) {
        return slides.get(layer) ? window : 0;
    }

    Optional<Rotary> rotary(int layer) {
        return turns.get(layer) ? (slides.get(layer) ? sliding : full) : Optional.empty();
    }

    Optional<QueryGain> queryGain(int layer) {
        return queryGain.filter(gain -> gainsAll || !turns.get(layer));
    }

    boolean chunks(int layer) {
        return chunks && slides.get(layer);
    }

    static Positions of(Settings settings, ModelConfig config) {
        Family family = settings.family();
        int window = settings.flag(Setting.USES_WINDOW).orElse(true)
                ? settings.maybeInteger(Setting.WINDOW).orElse(0)
                : 0;
        requireWindow(settings, window);
        List<Boolean> slides = IntStream.range(0, config.nLayers())
                .mapToObj(layer -> window > 0 && slides(settings, layer))
                .toList();
        if (family.rotary() == RotaryKind.NONE) {
            List<Boolean> none = slides.stream().map(layer -> false).toList();
            return new Positions(
                    slides, window, none, Optional.empty(), Optional.empty(), Optional.empty(), false, 1, false);
        }
        RotaryReader rotary = new RotaryReader(settings, config);
        Rotary full = rotary.full();
        Rotary sliding = family.slidingRotary() == SlidingRotary.SAME ? full : rotary.sliding();
        List<Boolean> turns = IntStream.range(0, config.nLayers())
                .mapToObj(layer -> turns(settings, layer, slides.get(layer), window))
                .toList();
        Optional<QueryGain> still = gainOfStill(settings);
        return new Positions(
                slides,
                window,
                turns,
                Optional.of(full),
                Optional.of(sliding),
                still.or(rotary::queryGain),
                still.isEmpty(),
                family.projection() == ProjectionKind.LATENT ? rotary.scoreScale() : 1,
                chunks(family));
    }

    private static boolean chunks(Family family) {
        return family.windows() == WindowPattern.CHUNKS_WHERE_TURNING;
    }

    /** Attention's temperature in layers whose heads do not turn (Llama 4). */
    private static Optional<QueryGain> gainOfStill(Settings settings) {
        return settings.flag(Setting.USES_GAIN).orElse(false)
                ? Optional.of(
                        new QueryGain(settings.number(Setting.GAIN_STRENGTH), settings.number(Setting.GAIN_LENGTH), 1))
                : Optional.empty();
    }

    /** @throws BadInput where layers are said to have a window and its width is not said */
    private static void requireWindow(Settings settings, int window) {
        boolean wanted = settings.value(Setting.LAYER_TYPES).stream()
                .flatMap(types -> StreamSupport.stream(types.spliterator(), false))
                .anyMatch(type -> SLIDING.contains(type.asText()));
        boolean off = !settings.flag(Setting.USES_WINDOW).orElse(true);
        if (wanted && window == 0 && !off && settings.family().settings().containsKey(Setting.WINDOW)) {
            throw settings.bad(Setting.WINDOW, "the width of the window that layer_types speaks of", "none");
        }
    }

    private static boolean slides(Settings settings, int layer) {
        Optional<JsonNode> types = settings.value(Setting.LAYER_TYPES);
        if (types.isPresent()) {
            String kind = types.get().path(layer).asText("none");
            if (chunks(settings.family()) && kind.equals(CHUNKED)) {
                return true;
            }
            if (!SLIDING.contains(kind) && !FULL.contains(kind)) {
                throw new BadInput(
                        "layer type",
                        settings.where(),
                        "sliding_attention or full_attention",
                        "\"" + kind + "\" at layer " + layer,
                        "this kind of layer is missing here");
            }
            return SLIDING.contains(kind);
        }
        return switch (settings.family().windows()) {
            // max_window_layers of Qwen counts the layers without a window, which come first
            case ALL ->
                layer
                        >= settings.value(Setting.FIRST_WINDOW_LAYER)
                                .map(JsonNode::asInt)
                                .orElse(0);
            case ALTERNATING ->
                layer % 2 == 0
                        && layer < settings.maybeCount(Setting.WINDOW_LAYERS).orElse(Integer.MAX_VALUE);
            case CHUNKS_WHERE_TURNING -> isListed(settings, layer);
            case PERIODIC -> (layer + 1) % period(settings) != 0;
        };
    }

    /** A number, or EXAONE's "LLLG": as many local layers, then a global one. */
    private static int period(Settings settings) {
        JsonNode period = settings.value(Setting.WINDOW_PERIOD).orElseThrow();
        if (period.isTextual() && period.asText().matches("L*G")) {
            return period.asText().length();
        }
        return settings.integer(Setting.WINDOW_PERIOD);
    }

    private static boolean turns(Settings settings, int layer, boolean slides, int window) {
        return switch (settings.family().rotaryLayers()) {
            case ALL -> true;
            case SLIDING -> slides || window == 0;
            case LISTED -> isListed(settings, layer);
        };
    }

    private static boolean isListed(Settings settings, int layer) {
        return settings.value(Setting.ROTARY_LAYERS)
                .filter(listed -> !listed.isEmpty())
                .map(listed -> listed.path(layer).asInt(1) != 0)
                .orElseGet(() -> (layer + 1) % settings.integer(Setting.ROTARY_LAYER_PERIOD) != 0);
    }
}
