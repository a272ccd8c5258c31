import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.Versions;
import modelpatch.engine.Device;
import modelpatch.engine.Gpus;
import modelpatch.locate.PromptRanking;
import modelpatch.locate.RankDocument;
import modelpatch.model.Adapter;
import modelpatch.model.AdapterTraining;
import modelpatch.model.DecoderTraining;
import modelpatch.model.HeadAddress;
import modelpatch.model.HeadAttribution;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensReading;
import modelpatch.model.LensTraining;
import modelpatch.model.LoadOptions;
import modelpatch.model.RecordedRun;
import modelpatch.model.StateTraining;

/**
 * The parts of bench/gpu-check.sh that compare numbers: each does the same on the processor and on a GPU, in one process, and prints one JSON
 * document. A number passes where |gpu - cpu| <= 1e-4 + 1e-4 |cpu|. DEVICE "cpu" compares the processor with itself, to try the script.
 *
 * <pre>
 * java GpuCheck.java conformance DEVICE FOLDER...   every folder's model: logits, greedy tokens, lens, every head patched
 * java GpuCheck.java training DEVICE MODEL          losses and weights after steps of an adapter, a state and a lens
 * java GpuCheck.java random FOLDER TOKENIZER [BLOCKS]   writes a model of 1.1 billion random float32 weights, or fewer blocks of it
 * java GpuCheck.java large DEVICE MODEL             logits and the ranking of all heads, timed
 * java GpuCheck.java heads CPU.json GPU.json        two outputs of patch rank
 * java GpuCheck.java findings CPU.json GPU.json     two findings of patch find
 * </pre>
 */
final class GpuCheck {
    private static final double TOLERANCE = 1e-4;
    /** Begins the names of what is counted and not judged. */
    private static final String TOKENS = "tokens";

    private static final int[] NONE = {};
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Numbers by what they are, as one device gives them. */
    private static final class Numbers {
        private final Map<String, double[]> named = new LinkedHashMap<>();
        private final Map<String, Double> seconds = new LinkedHashMap<>();

        void add(String name, float[][] rows) {
            add(name, Arrays.stream(rows).flatMapToDouble(GpuCheck::doubles).toArray());
        }

        void add(String name, float[] values) {
            add(name, doubles(values).toArray());
        }

        void add(String name, double... values) {
            named.put(name, values);
        }

        void time(String name, long start) {
            seconds.put(name, (System.nanoTime() - start) / 1e9);
        }
    }

    private interface Work {
        Numbers with(LanguageModel model) throws IOException;
    }

    public static void main(String[] arguments) throws IOException {
        ObjectNode result = JSON.createObjectNode();
        switch (arguments[0]) {
            case "conformance" -> conformance(arguments[1], Arrays.copyOfRange(arguments, 2, arguments.length), result);
            case "training" -> training(arguments[1], Path.of(arguments[2]), result);
            case "random" ->
                random(
                        Path.of(arguments[1]),
                        Path.of(arguments[2]),
                        arguments.length > 3 ? Integer.parseInt(arguments[3]) : 22,
                        result);
            case "large" -> large(arguments[1], Path.of(arguments[2]), result);
            case "heads" -> heads(Path.of(arguments[1]), Path.of(arguments[2]), result);
            case "findings" -> findings(Path.of(arguments[1]), Path.of(arguments[2]), result);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result));
        if (result.path("failed").asInt() > 0) {
            System.exit(1);
        }
    }

    /** Every model on the processor, then every one on the other device. */
    private static Map<String, Map<String, Object>> onBoth(String device, Map<String, Path> models, Work work) {
        Map<String, Map<String, Object>> found = new LinkedHashMap<>();
        for (String where : List.of("cpu", device)) {
            Device.of(where).use();
            for (Map.Entry<String, Path> one : models.entrySet()) {
                Object outcome;
                long start = System.nanoTime();
                try (LanguageModel model = LanguageModel.open(one.getValue(), LoadOptions.defaults())) {
                    long opened = System.nanoTime();
                    Numbers numbers = work.with(model);
                    numbers.seconds.put("open", (opened - start) / 1e9);
                    outcome = numbers;
                } catch (IOException | RuntimeException | Error e) {
                    outcome = e;
                }
                found.computeIfAbsent(one.getKey(), name -> new LinkedHashMap<>())
                        .put(
                                where.equals("cpu") && found.get(one.getKey()).containsKey("cpu") ? "again" : where,
                                outcome);
            }
        }
        return found;
    }

    private static void judge(Map<String, Map<String, Object>> found, ObjectNode result) {
        ArrayNode models = result.put("engine", Versions.engine())
                .put("gpus", Gpus.here().found())
                .put("tolerance", "|gpu - cpu| <= " + TOLERANCE + " + " + TOLERANCE + " |cpu|")
                .putArray("models");
        int failed = 0;
        double worst = 0;
        for (Map.Entry<String, Map<String, Object>> one : found.entrySet()) {
            ObjectNode model = models.addObject().put("model", one.getKey());
            Object[] both = one.getValue().values().toArray();
            boolean passed = true;
            for (Object outcome : both) {
                if (outcome instanceof Throwable e) {
                    model.put("error", shown(e));
                    passed = false;
                }
            }
            if (passed) {
                Numbers cpu = (Numbers) both[0];
                Numbers gpu = (Numbers) both[1];
                ObjectNode differences = model.putObject("largest_difference");
                for (String name : cpu.named.keySet()) {
                    if (name.startsWith(TOKENS)) { // of random weights two may be equally likely within rounding
                        model.put(
                                name + "_same",
                                same(cpu.named.get(name), gpu.named.get(name)) + " of " + cpu.named.get(name).length);
                        continue;
                    }
                    Difference difference = Difference.of(cpu.named.get(name), gpu.named.get(name));
                    differences.put(
                            name,
                            Double.parseDouble(String.format(java.util.Locale.ROOT, "%.3g", difference.largest())));
                    passed &= difference.passed();
                    worst = Math.max(worst, difference.largest());
                }
                model.set("cpu_seconds", JSON.valueToTree(cpu.seconds));
                model.set("gpu_seconds", JSON.valueToTree(gpu.seconds));
            }
            model.put("passed", passed);
            failed += passed ? 0 : 1;
        }
        result.put("compared", found.size()).put("failed", failed).put("largest_difference", worst);
    }

    private static int same(double[] cpu, double[] gpu) {
        return (int) IntStream.range(0, Math.min(cpu.length, gpu.length))
                .filter(i -> cpu[i] == gpu[i])
                .count();
    }

    private record Difference(boolean passed, double largest) {
        static Difference of(double[] cpu, double[] gpu) {
            boolean passed = cpu.length == gpu.length;
            double largest = 0;
            for (int i = 0; passed && i < cpu.length; i++) {
                double difference = Math.abs(gpu[i] - cpu[i]);
                largest = Math.max(largest, difference);
                passed = difference <= TOLERANCE + TOLERANCE * Math.abs(cpu[i]); // NaN does not pass
            }
            return new Difference(passed, largest);
        }
    }

    private static String shown(Throwable e) {
        StringBuilder text = new StringBuilder(String.valueOf(e));
        Arrays.stream(e.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("modelpatch")
                        || frame.getClassName().equals("GpuCheck"))
                .limit(6)
                .forEach(frame -> text.append(" at ").append(frame));
        return text.toString();
    }

    private static void conformance(String device, String[] folders, ObjectNode result) throws IOException {
        Map<String, Path> models = new LinkedHashMap<>();
        for (String folder : folders) {
            Path path = Path.of(folder);
            if (Files.exists(path.resolve("config.json"))) {
                models.put(path.toString(), path);
            } else {
                try (Stream<Path> below = Files.list(path)) {
                    below.filter(one -> Files.exists(one.resolve("model.safetensors")))
                            .sorted()
                            .forEach(one -> models.put(one.toString(), one));
                }
            }
        }
        judge(onBoth(device, models, GpuCheck::everything), result);
    }

    /** Logits at all positions, a greedy continuation, the lens and every head's patch. */
    private static Numbers everything(LanguageModel model) {
        Numbers numbers = new Numbers();
        int vocabulary = model.config().dVocab();
        int[] clean = ids(1, Math.min(24, model.config().nCtx() - 12), vocabulary);
        int[] corrupted = ids(2, clean.length, vocabulary);
        int last = clean.length - 1;
        long start = System.nanoTime();
        numbers.add("logits", model.allLogits(NONE, clean));
        numbers.add(
                "logits_behind_prefix",
                model.nextLogits(Arrays.copyOf(clean, 5), List.of(corrupted, Arrays.copyOf(clean, 7)))
                        .toArray(float[][]::new));
        numbers.add(
                "greedy",
                Arrays.stream(model.generate(NONE, List.of(clean), 12, ids -> false)
                                .get(0))
                        .asDoubleStream()
                        .toArray());
        numbers.add(
                "log_probabilities",
                model.logProbabilities(NONE, List.of(clean), List.of(Arrays.copyOf(corrupted, 4)))
                        .get(0));
        int[] tokens = IntStream.range(0, Math.min(64, vocabulary)).toArray();
        List<Intervention> heads = new ArrayList<>();
        try (RecordedRun donor = model.record(NONE, clean);
                RecordedRun recipient = model.record(NONE, corrupted)) {
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                for (int head = 0; head < model.config().nHeads(); head++) {
                    HeadAddress address = new HeadAddress(layer, head);
                    heads.add(Intervention.head(address, last, donor.z(address, last)));
                }
            }
            for (boolean whole : new boolean[] {false, true}) {
                numbers.add(
                        whole ? "heads_whole" : "heads",
                        recipient.resume(last, heads.stream().map(List::of).toList(), tokens, whole).stream()
                                .flatMapToDouble(readout -> Arrays.stream(readout.logits()))
                                .toArray());
            }
            HeadAttribution attribution = new HeadAttribution(model, recipient, last, 3 % vocabulary);
            HeadAddress first = new HeadAddress(0, 0);
            numbers.add("attribution", attribution.effect(first, donor.z(first, last)));
        }
        float[] state = new float[model.config().dModel()];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < state.length; i++) {
            state[i] = (float) random.nextDouble(-1, 1);
        }
        LensReading lens = model.lens(List.of(state), tokens, true);
        numbers.add("lens", lens.logits()[0]);
        numbers.add("lens_log_sum", lens.logSumExp());
        numbers.time("all", start);
        return numbers;
    }

    private static int[] ids(long seed, int length, int vocabulary) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, length)
                .map(i -> 1 + random.nextInt(vocabulary - 1))
                .toArray();
    }

    private static void training(String device, Path path, ObjectNode result) {
        DecoderTraining.Optimizer optimizer = new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0.1, 1);
        judge(
                onBoth(device, Map.of(path.toString(), path), model -> {
                    Numbers numbers = new Numbers();
                    int vocabulary = model.config().dVocab();
                    int[] clean = ids(1, 12, vocabulary);
                    int[] other = ids(2, 9, vocabulary);
                    long start = System.nanoTime();
                    Adapter begun = Adapter.beginning(model.layout(), linear -> true, 4, 8, new Random(1));
                    float[] even = new float[12];
                    Arrays.fill(even, 1);
                    AdapterTraining.Sequence one = new AdapterTraining.Sequence(clean, even);
                    AdapterTraining.Sequence two = new AdapterTraining.Sequence(other, Arrays.copyOf(even, 9));
                    try (AdapterTraining steps = new AdapterTraining(model, begun, optimizer, 1)) {
                        double[] losses = new double[6];
                        for (int i = 0; i < 4; i++) {
                            losses[i] = steps.step(List.of(one, two), 1e-2);
                        }
                        losses[4] = steps.prefer(List.of(new AdapterTraining.Preference(one, two, 0.1)), 0.1, 1e-2);
                        losses[5] = steps.step(List.of(one, two), 1e-2);
                        numbers.add("adapter_losses", losses);
                        try (LanguageModel adapted = model.with(steps.adapter())) {
                            numbers.add("adapted_logits", adapted.allLogits(NONE, clean));
                        }
                    }
                    numbers.time("adapter", start);
                    start = System.nanoTime();
                    int width = model.config().dModel();
                    try (RecordedRun run = model.record(NONE, clean);
                            StateTraining state = new StateTraining(
                                    model,
                                    0,
                                    List.of(new StateTraining.Example(
                                            run, 6, new float[][] {StateTraining.Example.certain(3, vocabulary)}, 1)),
                                    new float[width],
                                    0.01)) {
                        numbers.add(
                                "state_losses",
                                IntStream.range(0, 4)
                                        .mapToDouble(i -> {
                                            double loss = state.step(1e-2);
                                            state.shorten(0.5);
                                            return loss;
                                        })
                                        .toArray());
                    }
                    numbers.time("state", start);
                    start = System.nanoTime();
                    List<float[]> states = new ArrayList<>();
                    List<float[]> last = new ArrayList<>();
                    SplittableRandom random = new SplittableRandom(5);
                    for (int i = 0; i < 16; i++) {
                        float[] a = new float[width];
                        float[] b = new float[width];
                        for (int j = 0; j < width; j++) {
                            a[j] = (float) random.nextDouble(-1, 1);
                            b[j] = (float) random.nextDouble(-1, 1);
                        }
                        states.add(a);
                        last.add(b);
                    }
                    try (LensTraining lens = new LensTraining(model, states)) {
                        numbers.add(
                                "lens_losses",
                                IntStream.range(0, 4)
                                        .mapToDouble(i -> lens.step(states, last, 1e-3))
                                        .toArray());
                    }
                    numbers.time("lens", start);
                    return numbers;
                }),
                result);
    }

    /** The layout of TinyLlama; weights of a deviation of 0.02, norms of 1; the same bytes each time. */
    private static void random(Path folder, Path tokenizer, int layers, ObjectNode result) throws IOException {
        int width = 2048;
        int hidden = 5632;
        int keys = 256;
        int vocabulary = 32000;
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), """
                {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 2048, "intermediate_size": 5632,
                 "num_hidden_layers": %d, "num_attention_heads": 32, "num_key_value_heads": 4, "vocab_size": 32000,
                 "max_position_embeddings": 2048, "rms_norm_eps": 1e-05, "hidden_act": "silu", "rope_theta": 10000.0,
                 "tie_word_embeddings": false, "attention_bias": false, "mlp_bias": false, "torch_dtype": "float32"}
                """.formatted(layers));
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            if (Files.exists(tokenizer.resolve(name))) {
                Files.copy(tokenizer.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("model.embed_tokens.weight", new int[] {vocabulary, width});
        for (int layer = 0; layer < layers; layer++) {
            String block = "model.layers." + layer + ".";
            shapes.put(block + "input_layernorm.weight", new int[] {width});
            shapes.put(block + "self_attn.q_proj.weight", new int[] {width, width});
            shapes.put(block + "self_attn.k_proj.weight", new int[] {keys, width});
            shapes.put(block + "self_attn.v_proj.weight", new int[] {keys, width});
            shapes.put(block + "self_attn.o_proj.weight", new int[] {width, width});
            shapes.put(block + "post_attention_layernorm.weight", new int[] {width});
            shapes.put(block + "mlp.gate_proj.weight", new int[] {hidden, width});
            shapes.put(block + "mlp.up_proj.weight", new int[] {hidden, width});
            shapes.put(block + "mlp.down_proj.weight", new int[] {width, hidden});
        }
        shapes.put("model.norm.weight", new int[] {width});
        shapes.put("lm_head.weight", new int[] {vocabulary, width});
        ObjectNode header = JSON.createObjectNode();
        Map<String, Long> begins = new LinkedHashMap<>();
        long offset = 0;
        for (Map.Entry<String, int[]> one : shapes.entrySet()) {
            long bytes = 4 * Arrays.stream(one.getValue()).asLongStream().reduce(1, (a, b) -> a * b);
            ObjectNode tensor = header.putObject(one.getKey()).put("dtype", "F32");
            Arrays.stream(one.getValue()).forEach(tensor.putArray("shape")::add);
            tensor.putArray("data_offsets").add(offset).add(offset + bytes);
            begins.put(one.getKey(), offset);
            offset += bytes;
        }
        byte[] text = JSON.writeValueAsBytes(header);
        byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        long first = 8 + padded.length;
        try (FileChannel file = FileChannel.open(
                folder.resolve("model.safetensors"),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer head = ByteBuffer.allocate(8 + padded.length).order(ByteOrder.LITTLE_ENDIAN);
            head.putLong(padded.length).put(padded).flip();
            file.write(head, 0);
            begins.entrySet().stream().parallel().forEach(one -> {
                int[] shape = shapes.get(one.getKey());
                boolean norm = shape.length == 1;
                SplittableRandom random = new SplittableRandom(one.getKey().hashCode());
                int row = shape[shape.length - 1];
                int rows = norm ? 1 : shape[0];
                ByteBuffer part =
                        ByteBuffer.allocateDirect(4 * row * Math.min(rows, 64)).order(ByteOrder.LITTLE_ENDIAN);
                long at = first + one.getValue();
                try {
                    for (int done = 0; done < rows; done += 64) {
                        part.clear();
                        for (int i = 0; i < row * Math.min(64, rows - done); i++) {
                            // uniform, of the deviation 0.02
                            part.putFloat(norm ? 1f : (float) ((random.nextInt() * 0x1p-31) * 0.02 * Math.sqrt(3)));
                        }
                        part.flip();
                        while (part.hasRemaining()) {
                            at += file.write(part, at);
                        }
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }
        result.put("folder", folder.toString()).put("parameters", offset / 4).put("bytes", first + offset);
    }

    /** Logits and the ranking of all heads, each once cold and then warm; the fewest seconds of the warm ones. */
    private static void large(String device, Path path, ObjectNode result) {
        judge(
                onBoth(device, Map.of(path.toString(), path), model -> {
                    Numbers numbers = new Numbers();
                    int[] clean = ids(1, 24, model.config().dVocab());
                    int[] corrupted = ids(2, 24, model.config().dVocab());
                    for (int i = 0; i < 4; i++) {
                        long start = System.nanoTime();
                        numbers.add(
                                "logits", model.nextLogits(NONE, List.of(clean)).get(0));
                        keep(numbers, "logits", i, start);
                    }
                    for (int i = 0; i < 3; i++) {
                        long start = System.nanoTime();
                        RankDocument ranked =
                                PromptRanking.of(model, clean, corrupted, 17, OptionalInt.empty(), Clock.systemUTC());
                        keep(numbers, "rank", i, start);
                        numbers.add(
                                "effects",
                                ranked.heads().stream()
                                        .sorted(java.util.Comparator.comparing(RankDocument.Head::head))
                                        .mapToDouble(RankDocument.Head::effect)
                                        .toArray());
                        numbers.add("heads_tried", ranked.heads().size());
                    }
                    List<int[]> prompts = new ArrayList<>();
                    for (int i = 0; i < 16; i++) {
                        prompts.add(ids(10 + i, 24, model.config().dVocab()));
                    }
                    for (int i = 0; i < 2; i++) {
                        long start = System.nanoTime();
                        numbers.add(
                                "tokens_16x16",
                                model.generate(NONE, prompts, 16, ids -> false).stream()
                                        .flatMapToInt(Arrays::stream)
                                        .asDoubleStream()
                                        .toArray());
                        keep(numbers, "tokens_16x16", i, start);
                    }
                    return numbers;
                }),
                result);
    }

    private static void keep(Numbers numbers, String name, int repetition, long start) {
        double seconds = (System.nanoTime() - start) / 1e9;
        numbers.seconds.merge(repetition == 0 ? name + "_first" : name, seconds, Math::min);
    }

    private static void heads(Path cpu, Path gpu, ObjectNode result) throws IOException {
        JsonNode one = JSON.readTree(cpu.toFile()).path("heads");
        JsonNode other = JSON.readTree(gpu.toFile()).path("heads");
        Map<String, Double> effects = new LinkedHashMap<>();
        one.forEach(head ->
                effects.put(head.path("head").asText(), head.path("effect").asDouble()));
        double largest = 0;
        for (JsonNode head : other) {
            largest = Math.max(
                    largest,
                    Math.abs(head.path("effect").asDouble()
                            - effects.getOrDefault(head.path("head").asText(), Double.NaN)));
        }
        List<String> order = List.copyOf(effects.keySet());
        List<String> otherOrder = new ArrayList<>();
        other.forEach(head -> otherOrder.add(head.path("head").asText()));
        result.put("heads", one.size())
                .put("same_order", order.equals(otherOrder))
                .put("same_order_of_first_ten", first(order).equals(first(otherOrder)))
                .put("largest_difference_of_an_effect", largest)
                .put("failed", one.size() > 0 && one.size() == other.size() && largest <= TOLERANCE * 10 ? 0 : 1);
        result.set("first_cpu", JSON.valueToTree(first(order)));
        result.set("first_gpu", JSON.valueToTree(first(otherOrder)));
    }

    private static List<String> first(List<String> all) {
        return all.subList(0, Math.min(10, all.size()));
    }

    private static void findings(Path cpu, Path gpu, ObjectNode result) throws IOException {
        JsonNode one = JSON.readTree(cpu.toFile());
        JsonNode other = JSON.readTree(gpu.toFile());
        Map<String, String> diagnoses = diagnoses(one);
        Map<String, String> otherDiagnoses = diagnoses(other);
        result.set("counts_cpu", counts(one));
        result.set("counts_gpu", counts(other));
        ArrayNode differing = result.putArray("failures_that_differ");
        Stream.concat(diagnoses.keySet().stream(), otherDiagnoses.keySet().stream())
                .distinct()
                .filter(id -> !String.valueOf(diagnoses.get(id)).equals(otherDiagnoses.get(id)))
                .forEach(id -> differing.add(id + ": " + diagnoses.get(id) + " / " + otherDiagnoses.get(id)));
        result.put("same_failures", diagnoses.keySet().equals(otherDiagnoses.keySet()))
                .put("same_diagnoses", diagnoses.equals(otherDiagnoses))
                .put("failed", diagnoses.isEmpty() || !diagnoses.keySet().equals(otherDiagnoses.keySet()) ? 1 : 0);
        result.set("seconds_cpu", one.path("seconds"));
        result.set("seconds_gpu", other.path("seconds"));
    }

    private static ObjectNode counts(JsonNode findings) {
        JsonNode counts = findings.path("counts");
        ObjectNode some = JSON.createObjectNode();
        for (String name : List.of("cases", "known", "composed", "failures")) {
            some.set(name, counts.path(name));
        }
        some.set("diagnoses", findings.path("diagnoses"));
        return some;
    }

    private static Map<String, String> diagnoses(JsonNode findings) {
        Map<String, String> found = new LinkedHashMap<>();
        findings.path("failures")
                .forEach(one -> found.put(
                        one.has("id")
                                ? one.path("id").asText()
                                : one.path("case").asText(one.toString()),
                        one.path("diagnosis").asText()));
        return found;
    }

    private static java.util.stream.DoubleStream doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
    }
}
