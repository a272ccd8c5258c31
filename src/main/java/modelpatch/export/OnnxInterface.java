package modelpatch.export;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import modelpatch.BadInput;
import modelpatch.export.foreign.OnnxScan;
import modelpatch.export.foreign.OnnxScan.Node;

/**
 * How a decoder in an ONNX file is called: what its inputs and outputs are named, and which there are. Exporters agree on the names; where they do
 * not, genai_config.json says them. A file with an input that is not known here is refused by its name.
 *
 * @param ids [B, S]
 * @param types of the inputs, by name
 * @param mask [B, T]; empty where the file takes none
 * @param positions [B, S]; likewise
 * @param cachePosition [S]; likewise
 * @param logitsKept a number, 0 for the logits of all places; likewise
 * @param cacheBranch whether there is a past, for files with a graph for either; likewise
 * @param caches keys and values by layer; none where the file computes everything anew
 * @param logits [B, S, d_vocab]
 * @param oneSequence whether it takes no two sequences side by side
 */
record OnnxInterface(
        String ids,
        Map<String, OnnxJavaType> types,
        Optional<String> mask,
        Optional<String> positions,
        Optional<String> cachePosition,
        Optional<String> logitsKept,
        Optional<String> cacheBranch,
        List<Cache> caches,
        String logits,
        boolean oneSequence) {

    /**
     * Keys or values of one layer, [B, heads, T, width].
     *
     * @param past the input
     * @param present the output, which is the next call's input
     * @param type FLOAT, FLOAT16 or BFLOAT16
     */
    record Cache(String past, String present, long heads, long width, OnnxJavaType type) {}

    static OnnxInterface of(OnnxSession session, BesideOnnx beside, OnnxScan scan) {
        return new Reader(session, beside, scan).read();
    }

    /** Reads what the file says of itself. */
    private static final class Reader {
        private static final int BATCH = 0;
        private static final int HEADS = 1;
        private static final int PLACES = 2;
        private static final int WIDTH = 3;

        private final BesideOnnx beside;
        private final OnnxScan scan;
        private final Map<String, TensorInfo> inputs;
        private final Map<String, TensorInfo> outputs;
        private final Set<String> unread;

        Reader(OnnxSession session, BesideOnnx beside, OnnxScan scan) {
            this.beside = beside;
            this.scan = scan;
            this.inputs = tensors(session.inputs());
            this.outputs = tensors(session.outputs());
            this.unread = new LinkedHashSet<>(session.inputs().keySet());
        }

        private static Map<String, TensorInfo> tensors(Map<String, NodeInfo> nodes) {
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            nodes.forEach((name, node) -> {
                if (node.getInfo() instanceof TensorInfo tensor) {
                    tensors.put(name, tensor);
                }
            });
            return tensors;
        }

        OnnxInterface read() {
            String ids = beside.name("inputs", "input_ids", "input_ids");
            String logits = beside.name("outputs", "logits", "logits");
            if (!inputs.containsKey(ids) || !outputs.containsKey(logits)) {
                throw refused(
                        "not a decoder",
                        "an input " + ids + " and an output " + logits,
                        String.join(", ", inputs.keySet().stream().limit(6).toList()) + " in, "
                                + String.join(
                                        ", ", outputs.keySet().stream().limit(2).toList()) + " out",
                        "export the model for text generation, with its unembedding");
            }
            require(ids, 2, OnnxJavaType.INT64, OnnxJavaType.INT32);
            Optional<String> mask = read("attention_mask", 2, OnnxJavaType.INT64, OnnxJavaType.INT32);
            Optional<String> positions = read("position_ids", 2, OnnxJavaType.INT64, OnnxJavaType.INT32);
            Optional<String> cachePosition = read("cache_position", 1, OnnxJavaType.INT64);
            Optional<String> logitsKept = read("num_logits_to_keep", 0, OnnxJavaType.INT64);
            Optional<String> cacheBranch = read("use_cache_branch", 1, OnnxJavaType.BOOL);
            List<Cache> caches = caches();
            if (!unread.isEmpty()) {
                throw refused(
                        "inputs that are not known here",
                        "input_ids, attention_mask, position_ids and past_key_values.N.key and .value",
                        String.join(", ", unread.stream().limit(6).toList()),
                        "export the model with these inputs alone, keys and values apart");
            }
            Map<String, OnnxJavaType> types = new LinkedHashMap<>();
            inputs.forEach((name, tensor) -> types.put(name, tensor.type));
            return new OnnxInterface(
                    ids,
                    types,
                    mask,
                    positions,
                    cachePosition,
                    logitsKept,
                    cacheBranch,
                    caches,
                    logits,
                    takesOneSequence(ids));
        }

        private boolean takesOneSequence(String ids) {
            long[] shape = inputs.get(ids).getShape();
            if (shape[1] >= 0 || shape[0] > 1) {
                throw refused(
                        "takes sequences of one length or number alone",
                        ids + " of any length, for one or any number of sequences",
                        text(shape),
                        "export the model with dynamic axes");
            }
            return shape[BATCH] == 1;
        }

        private Optional<String> read(String role, int rank, OnnxJavaType... types) {
            String name = beside.name("inputs", role, role);
            if (!inputs.containsKey(name)) {
                return Optional.empty();
            }
            require(name, rank, types);
            return Optional.of(name);
        }

        private void require(String input, int rank, OnnxJavaType... types) {
            unread.remove(input);
            TensorInfo tensor = inputs.get(input);
            if (tensor.getShape().length != rank || !List.of(types).contains(tensor.type)) {
                throw refused(
                        "an input that is not known here in this form",
                        input + " as " + List.of(types) + " with " + rank + " dimensions",
                        tensor.type + " " + text(tensor.getShape()),
                        "export the model with the usual inputs");
            }
        }

        private static String text(long[] shape) {
            List<String> dimensions = new ArrayList<>();
            for (long dimension : shape) {
                dimensions.add(dimension < 0 ? "any" : String.valueOf(dimension));
            }
            return "[" + String.join(", ", dimensions) + "]";
        }

        private List<Cache> caches() {
            List<Cache> caches = new ArrayList<>();
            for (String part : List.of("key", "value")) {
                String past = beside.name("inputs", "past_" + part + "_names", "past_key_values.%d." + part);
                String present = beside.name("outputs", "present_" + part + "_names", "present.%d." + part);
                Pattern name = Pattern.compile(Pattern.quote(past).replace("%d", "\\E(\\d+)\\Q"));
                for (String input : inputs.keySet()) {
                    Matcher matcher = name.matcher(input);
                    if (matcher.matches()) {
                        unread.remove(input);
                        caches.add(cache(input, present.replace("%d", matcher.group(1))));
                    }
                }
            }
            return caches;
        }

        private Cache cache(String past, String present) {
            TensorInfo tensor = inputs.get(past);
            Set<OnnxJavaType> types = Set.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16);
            long[] shape = tensor.getShape();
            if (shape.length != 4 || shape[PLACES] >= 0 || !types.contains(tensor.type)) {
                throw refused(
                        "a cache of a form that is not known here",
                        past + " as floating-point numbers [batch, heads, any, width]",
                        tensor.type + " " + text(shape),
                        "export the model with a cache that grows, of floating-point numbers");
            }
            TensorInfo next = outputs.get(present);
            if (next == null || next.type != tensor.type) {
                throw refused(
                        "a cache that does not come out as it goes in",
                        "an output " + present + " of " + tensor.type,
                        next == null ? "none" : next.type.toString(),
                        "export the model with its cache");
            }
            long[] after = next.getShape().length == 4 ? next.getShape() : shape;
            Optional<Node> attention = scan.nodes().stream()
                    .filter(node ->
                            node.operator().equals(GROUPED) && node.inputs().contains(past))
                    .findFirst();
            return new Cache(
                    past,
                    present,
                    size(past, "heads", shape[HEADS], after[HEADS], heads(attention), beside.keyValueHeads()),
                    size(past, "width", shape[WIDTH], after[WIDTH], width(attention), beside.headSize()),
                    tensor.type);
        }

        /** A dimension by the file's word, else by its attention's, else by that of the files beside it. */
        private long size(
                String past, String dimension, long in, long out, OptionalLong operators, OptionalInt stated) {
            if (in >= 0 || out >= 0) {
                return Math.max(in, out);
            }
            if (operators.isPresent() || stated.isPresent()) {
                return operators.orElseGet(stated::getAsInt);
            }
            throw refused(
                    "a cache of unknown size",
                    "the " + dimension + " of " + past + " as a number, or in " + GenAiConfig.FILE + " or config.json",
                    "none",
                    "put the model's config.json beside the file");
        }

        private static final String GROUPED = "GroupQueryAttention";

        private static OptionalLong heads(Optional<Node> attention) {
            return attention
                    .map(node -> node.integers().get("kv_num_heads"))
                    .map(OptionalLong::of)
                    .orElse(OptionalLong.empty());
        }

        /** Twice the width of its table of cosines, where it turns whole heads. */
        private OptionalLong width(Optional<Node> attention) {
            int cosines = 7;
            return attention
                    .filter(node -> node.integers().getOrDefault("do_rotary", 0L) == 1)
                    .filter(node -> node.integers().getOrDefault("rotary_embedding_dim", 0L) == 0)
                    .flatMap(node -> scan.shape(node.input(cosines)))
                    .map(shape -> OptionalLong.of(2 * shape.get(shape.size() - 1)))
                    .orElse(OptionalLong.empty());
        }

        private BadInput refused(String what, String expected, String found, String remedy) {
            return new BadInput(what, beside.file().toString(), expected, found, remedy);
        }
    }
}
