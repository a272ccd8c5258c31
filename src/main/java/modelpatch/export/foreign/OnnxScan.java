package modelpatch.export.foreign;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.document.NamedFile;

/**
 * Finds the constant tensors of an ONNX file and the bytes that hold their numbers, without reading the numbers: initialisers, and constants inside
 * nodes. It lists the nodes that read them too, those of inner graphs among the others. (Source: onnx.proto and the wire format of protocol
 * buffers.)
 */
public final class OnnxScan {
    /** Of loops and conditions within each other; each costs stack. */
    private static final int DEEPEST = 64;

    private final Path file;
    private final ByteBuffer bytes;
    private int depth;
    private final List<StoredTensor> constants = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    /**
     * What a graph computes at one place.
     *
     * @param domain of the operator; empty for the standard ones
     * @param inputs names of values; empty for one that is left out
     * @param integers attributes that are one integer
     */
    public record Node(
            String operator, String domain, List<String> inputs, List<String> outputs, Map<String, Long> integers) {
        /** The name of an input; empty where it is left out. */
        public String input(int index) {
            return index < inputs.size() ? inputs.get(index) : "";
        }
    }

    private OnnxScan(Path file, ByteBuffer bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** @throws BadInput when the file is no ONNX model */
    public static OnnxScan of(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new BadInput(
                        "no ONNX model",
                        file.toString(),
                        "less than 2 GB, as a protobuf message is (large tensors lie in a second file)",
                        channel.size() + " bytes",
                        "give the model file that names its external data");
            }
            OnnxScan scan = new OnnxScan(file, channel.map(MapMode.READ_ONLY, 0, channel.size()));
            scan.model(new Part(0, scan.bytes.capacity()));
            return scan;
        } catch (IOException | IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw BadInput.of(file.toString(), "is no ONNX model: " + e.getMessage())
                    .causedBy(e);
        } catch (InternalError e) {
            throw cut(file, e);
        }
    }

    /** What Java says where bytes that are mapped are there no more. */
    static BadInput cut(Path file, InternalError cause) {
        return new BadInput(
                        "changed while it was in use",
                        file.toString(),
                        "a file, and its external data, that nobody writes",
                        "bytes that are there no more",
                        "let nobody write it in place, and run the command again")
                .causedBy(cause);
    }

    /** In the model's order. */
    List<StoredTensor> constants() {
        return constants;
    }

    /** Names of those that the model computes with. */
    public Set<String> operators() {
        return nodes.stream().map(Node::operator).collect(Collectors.toSet());
    }

    /** Dimensions of the constant with a name; empty where there is none. */
    public Optional<List<Long>> shape(String constant) {
        return constants.stream()
                .filter(tensor -> tensor.name().equals(constant))
                .findFirst()
                .map(StoredTensor::shape);
    }

    /** In the model's order. */
    public List<Node> nodes() {
        return nodes;
    }

    /** A run of bytes. */
    private record Part(long offset, long length) {}

    /** What one field of a message holds: a number, or bytes. */
    private record Field(int number, long value, Optional<Part> bytes) {
        boolean isNumber() {
            return bytes.isEmpty();
        }

        Part content() {
            return bytes.orElseThrow(
                    () -> new IllegalArgumentException("field " + number + " of a message holds a number, not bytes"));
        }
    }

    @FunctionalInterface
    private interface Visitor {
        void visit(Field field) throws IOException;
    }

    private void fields(Part message, Visitor visitor) throws IOException {
        int start = Math.toIntExact(message.offset());
        CodedInputStream in = CodedInputStream.newInstance(bytes.slice(start, Math.toIntExact(message.length())));
        in.setSizeLimit(Integer.MAX_VALUE);
        while (!in.isAtEnd()) {
            int tag = in.readTag();
            int number = WireFormat.getTagFieldNumber(tag);
            switch (WireFormat.getTagWireType(tag)) {
                case WireFormat.WIRETYPE_VARINT ->
                    visitor.visit(new Field(number, in.readRawVarint64(), Optional.empty()));
                case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                    int length = in.readRawVarint32();
                    Part content = new Part(start + in.getTotalBytesRead(), length);
                    in.skipRawBytes(length);
                    visitor.visit(new Field(number, 0, Optional.of(content)));
                }
                default -> in.skipField(tag);
            }
        }
    }

    private void model(Part model) throws IOException {
        fields(model, field -> {
            if (field.number() == ModelProto.GRAPH_FIELD_NUMBER) {
                graph(field.content());
            }
        });
    }

    private void graph(Part graph) throws IOException {
        if (++depth > DEEPEST) {
            throw new IllegalArgumentException("graphs within graphs, " + depth + " deep");
        }
        fields(graph, field -> {
            if (field.number() == GraphProto.INITIALIZER_FIELD_NUMBER) {
                tensor(field.content(), Optional.empty());
            } else if (field.number() == GraphProto.NODE_FIELD_NUMBER) {
                node(field.content());
            }
        });
        depth--;
    }

    private void node(Part node) throws IOException {
        Map<Integer, String> texts = new HashMap<>();
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        List<Part> attributes = new ArrayList<>();
        Map<String, Long> integers = new HashMap<>();
        fields(node, field -> {
            switch (field.number()) {
                case NodeProto.INPUT_FIELD_NUMBER -> inputs.add(text(field.content()));
                case NodeProto.OUTPUT_FIELD_NUMBER -> outputs.add(text(field.content()));
                case NodeProto.OP_TYPE_FIELD_NUMBER, NodeProto.DOMAIN_FIELD_NUMBER ->
                    texts.put(field.number(), text(field.content()));
                case NodeProto.ATTRIBUTE_FIELD_NUMBER -> attributes.add(field.content());
                default -> {}
            }
        });
        for (Part attribute : attributes) {
            attribute(attribute, outputs, integers);
        }
        String operator = texts.getOrDefault(NodeProto.OP_TYPE_FIELD_NUMBER, "");
        String domain = texts.getOrDefault(NodeProto.DOMAIN_FIELD_NUMBER, "");
        nodes.add(new Node(operator, domain, inputs, outputs, integers));
    }

    /** A tensor in a node is the value of a Constant, which is known by the name of the node's output. */
    private void attribute(Part attribute, List<String> outputs, Map<String, Long> integers) throws IOException {
        String[] name = {""};
        List<Long> integer = new ArrayList<>();
        fields(attribute, field -> {
            switch (field.number()) {
                case AttributeProto.NAME_FIELD_NUMBER -> name[0] = text(field.content());
                case AttributeProto.I_FIELD_NUMBER -> integer.add(field.value());
                case AttributeProto.T_FIELD_NUMBER ->
                    tensor(field.content(), outputs.stream().findFirst());
                case AttributeProto.G_FIELD_NUMBER -> graph(field.content());
                default -> {}
            }
        });
        integer.forEach(value -> integers.put(name[0], value));
    }

    private void tensor(Part tensor, Optional<String> value) throws IOException {
        List<Long> shape = new ArrayList<>();
        Map<String, String> external = new HashMap<>();
        Field[] numbers = {null};
        String[] name = {""};
        int[] type = {0};
        fields(tensor, field -> {
            switch (field.number()) {
                case TensorProto.DIMS_FIELD_NUMBER -> shape.addAll(numbers(field));
                case TensorProto.DATA_TYPE_FIELD_NUMBER -> type[0] = (int) field.value();
                case TensorProto.NAME_FIELD_NUMBER -> name[0] = text(field.content());
                // packed float32 lie as raw data does
                case TensorProto.RAW_DATA_FIELD_NUMBER,
                        TensorProto.FLOAT_DATA_FIELD_NUMBER,
                        TensorProto.INT32_DATA_FIELD_NUMBER -> numbers[0] = field;
                case TensorProto.EXTERNAL_DATA_FIELD_NUMBER -> entry(field.content(), external);
                default -> {}
            }
        });
        String known = value.orElse(name[0]);
        DataType kind = Objects.requireNonNullElse(DataType.forNumber(type[0]), DataType.UNDEFINED);
        if (external.containsKey("location")) {
            Path data = NamedFile.beside(file, external.get("location"));
            long offset = Long.parseLong(external.getOrDefault("offset", "0"));
            long rest = data.toFile().length() - offset;
            long length = Long.parseLong(external.getOrDefault("length", String.valueOf(rest)));
            if (Files.exists(data) && (offset < 0 || length < 0 || length > rest)) {
                throw new IllegalArgumentException("external data of " + known + " at " + offset + ", " + length
                        + " bytes: " + data.getFileName() + " has " + (rest + offset));
            }
            constants.add(new StoredTensor(known, kind, shape, data, offset, length, false));
        } else if (numbers[0] != null && !numbers[0].isNumber()) {
            boolean varints = numbers[0].number() == TensorProto.INT32_DATA_FIELD_NUMBER;
            Part content = numbers[0].content();
            constants.add(new StoredTensor(known, kind, shape, file, content.offset(), content.length(), varints));
        }
    }

    /** Dimensions, packed or one by one. */
    private List<Long> numbers(Field field) throws IOException {
        if (field.isNumber()) {
            return List.of(field.value());
        }
        CodedInputStream in = CodedInputStream.newInstance(slice(field.content()));
        List<Long> values = new ArrayList<>();
        while (!in.isAtEnd()) {
            values.add(in.readRawVarint64());
        }
        return values;
    }

    private void entry(Part entry, Map<String, String> entries) throws IOException {
        String[] keyAndValue = {"", ""};
        fields(entry, field -> {
            if (field.number() == StringStringEntryProto.KEY_FIELD_NUMBER) {
                keyAndValue[0] = text(field.content());
            } else if (field.number() == StringStringEntryProto.VALUE_FIELD_NUMBER) {
                keyAndValue[1] = text(field.content());
            }
        });
        entries.put(keyAndValue[0], keyAndValue[1]);
    }

    private ByteBuffer slice(Part part) {
        return bytes.slice(Math.toIntExact(part.offset()), Math.toIntExact(part.length()));
    }

    private String text(Part part) {
        return StandardCharsets.UTF_8.decode(slice(part)).toString();
    }
}
