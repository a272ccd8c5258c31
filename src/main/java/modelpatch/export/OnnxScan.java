package modelpatch.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;

/**
 * Finds the constant tensors of an ONNX file and the bytes that hold their numbers, without reading the numbers: initialisers, and constants inside
 * nodes. (Source: onnx.proto and the wire format of protocol buffers.)
 */
final class OnnxScan {
    private final Path file;
    private final ByteBuffer bytes;
    private final List<StoredTensor> tensors = new ArrayList<>();

    private OnnxScan(Path file, ByteBuffer bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /**
     * All constant tensors of a model file, in its order.
     *
     * @throws BadInput when the file is no ONNX model
     */
    static List<StoredTensor> of(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            OnnxScan scan = new OnnxScan(file, channel.map(MapMode.READ_ONLY, 0, channel.size()));
            scan.model(new Part(0, scan.bytes.capacity()));
            return scan.tensors;
        } catch (IOException | IllegalArgumentException e) {
            throw BadInput.of(file.toString(), "is no ONNX model: " + e.getMessage())
                    .causedBy(e);
        }
    }

    /** A run of bytes. */
    private record Part(long offset, long length) {}

    /** What one field of a message holds: a number, or bytes. */
    private record Field(int number, long value, Part content) {}

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
                case WireFormat.WIRETYPE_VARINT -> visitor.visit(new Field(number, in.readRawVarint64(), null));
                case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                    int length = in.readRawVarint32();
                    Part content = new Part(start + in.getTotalBytesRead(), length);
                    in.skipRawBytes(length);
                    visitor.visit(new Field(number, 0, content));
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
        fields(graph, field -> {
            if (field.number() == GraphProto.INITIALIZER_FIELD_NUMBER) {
                tensor(field.content());
            } else if (field.number() == GraphProto.NODE_FIELD_NUMBER) {
                fields(field.content(), attribute -> {
                    if (attribute.number() == NodeProto.ATTRIBUTE_FIELD_NUMBER) {
                        attribute(attribute.content());
                    }
                });
            }
        });
    }

    private void attribute(Part attribute) throws IOException {
        fields(attribute, field -> {
            if (field.number() == AttributeProto.T_FIELD_NUMBER) {
                tensor(field.content());
            } else if (field.number() == AttributeProto.G_FIELD_NUMBER) {
                graph(field.content());
            }
        });
    }

    private void tensor(Part tensor) throws IOException {
        List<Long> shape = new ArrayList<>();
        Map<String, String> external = new HashMap<>();
        Part[] numbers = {null};
        String[] name = {""};
        int[] type = {0};
        fields(tensor, field -> {
            switch (field.number()) {
                case TensorProto.DIMS_FIELD_NUMBER -> shape.addAll(numbers(field));
                case TensorProto.DATA_TYPE_FIELD_NUMBER -> type[0] = (int) field.value();
                case TensorProto.NAME_FIELD_NUMBER -> name[0] = text(field.content());
                // packed float32 lie as raw data does
                case TensorProto.RAW_DATA_FIELD_NUMBER, TensorProto.FLOAT_DATA_FIELD_NUMBER ->
                    numbers[0] = field.content();
                case TensorProto.EXTERNAL_DATA_FIELD_NUMBER -> entry(field.content(), external);
                default -> {}
            }
        });
        DataType known = DataType.forNumber(type[0]);
        if (external.containsKey("location")) {
            Path data = file.resolveSibling(external.get("location"));
            long offset = Long.parseLong(external.getOrDefault("offset", "0"));
            long rest = data.toFile().length() - offset;
            long length = Long.parseLong(external.getOrDefault("length", String.valueOf(rest)));
            tensors.add(new StoredTensor(name[0], known, shape, data, offset, length));
        } else if (numbers[0] != null) {
            tensors.add(new StoredTensor(name[0], known, shape, file, numbers[0].offset(), numbers[0].length()));
        }
    }

    /** Dimensions, packed or one by one. */
    private List<Long> numbers(Field field) throws IOException {
        if (field.content() == null) {
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
        String[] keyAndValue = new String[2];
        fields(entry, field -> keyAndValue[field.number() - 1] = text(field.content()));
        entries.put(keyAndValue[0], keyAndValue[1]);
    }

    private ByteBuffer slice(Part part) {
        return bytes.slice(Math.toIntExact(part.offset()), Math.toIntExact(part.length()));
    }

    private String text(Part part) {
        return java.nio.charset.StandardCharsets.UTF_8.decode(slice(part)).toString();
    }
}
