package modelpatch.export;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.OutgoingTensor;

/**
 * Writes an ONNX model tensor by tensor, so that no more than a part of one need be in memory. A model beyond the limit of one protobuf message
 * has its tensors in a second file. (Source: onnx.proto, and the description of external data.)
 */
final class OnnxFile {
    static final String MODEL = "model.onnx";

    /** The name under which browser and desktop runtimes look for external data. */
    static final String DATA = "model.onnx_data";

    /** A protobuf message is shorter than 2 GB. */
    static final long LARGEST_MESSAGE = Integer.MAX_VALUE;

    /** Tensors of the second file begin at pages, so that they can be mapped. */
    private static final int PAGE = 4096;

    private final ModelProto model;
    private final GraphProto graph;
    private final List<OutgoingTensor> tensors;

    /**
     * @param model without its graph
     * @param graph without the tensors
     */
    OnnxFile(ModelProto model, GraphProto graph, List<OutgoingTensor> tensors) {
        this.model = model;
        this.graph = graph;
        this.tensors = tensors;
    }

    /**
     * Writes the model into a directory.
     *
     * @param limit bytes that the model file may have before tensors move to a file of their own
     */
    void write(Path directory, long limit) {
        long size = model.getSerializedSize() + fieldSize(ModelProto.GRAPH_FIELD_NUMBER, graphSize());
        if (size <= limit) {
            AtomicFile.channel(directory.resolve(MODEL), size, this::writeWhole);
        } else {
            Map<OutgoingTensor, Long> offsets = offsets();
            AtomicFile.channel(directory.resolve(DATA), end(offsets), channel -> writeData(channel, offsets));
            AtomicFile.channel(directory.resolve(MODEL), 0, channel -> AtomicFile.writeAll(channel, split(offsets)));
        }
    }

    // ---- everything in one file

    private void writeWhole(FileChannel channel) throws IOException {
        AtomicFile.writeAll(channel, ByteBuffer.wrap(model.toByteArray()));
        AtomicFile.writeAll(channel, header(ModelProto.GRAPH_FIELD_NUMBER, graphSize()));
        AtomicFile.writeAll(channel, ByteBuffer.wrap(graph.toByteArray()));
        for (OutgoingTensor tensor : tensors) {
            TensorProto described = described(tensor);
            AtomicFile.writeAll(channel, header(GraphProto.INITIALIZER_FIELD_NUMBER, tensorSize(tensor)));
            AtomicFile.writeAll(channel, ByteBuffer.wrap(described.toByteArray()));
            AtomicFile.writeAll(channel, header(TensorProto.RAW_DATA_FIELD_NUMBER, tensor.bytes()));
            tensor.writeTo(channel);
        }
    }

    private long graphSize() {
        long size = graph.getSerializedSize();
        for (OutgoingTensor tensor : tensors) {
            size += fieldSize(GraphProto.INITIALIZER_FIELD_NUMBER, tensorSize(tensor));
        }
        return size;
    }

    private static long tensorSize(OutgoingTensor tensor) {
        return described(tensor).getSerializedSize() + fieldSize(TensorProto.RAW_DATA_FIELD_NUMBER, tensor.bytes());
    }

    /** Name, type and shape, without the numbers. */
    private static TensorProto described(OutgoingTensor tensor) {
        return TensorProto.newBuilder()
                .setName(tensor.name())
                .setDataType(WeightForm.dataType(tensor.kind()).getNumber())
                .addAllDims(tensor.shape())
                .build();
    }

    /** A field that holds bytes: its tag, their number and they themselves. */
    private static long fieldSize(int field, long length) {
        return header(field, length).remaining() + length;
    }

    private static ByteBuffer header(int field, long length) {
        int lengthDelimited = 2;
        byte[] bytes = new byte[2 * CodedOutputStream.computeUInt64SizeNoTag(Long.MAX_VALUE)];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeUInt32NoTag(field << 3 | lengthDelimited);
            out.writeUInt64NoTag(length);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e); // an array has room
        }
        return ByteBuffer.wrap(bytes, 0, out.getTotalBytesWritten());
    }

    // ---- tensors in a file of their own

    private Map<OutgoingTensor, Long> offsets() {
        Map<OutgoingTensor, Long> offsets = new LinkedHashMap<>();
        long end = 0;
        for (OutgoingTensor tensor : tensors) {
            long offset = (end + PAGE - 1) / PAGE * PAGE;
            offsets.put(tensor, offset);
            end = offset + tensor.bytes();
        }
        return offsets;
    }

    private static long end(Map<OutgoingTensor, Long> offsets) {
        return offsets.entrySet().stream()
                .mapToLong(entry -> entry.getValue() + entry.getKey().bytes())
                .max()
                .orElse(0);
    }

    private void writeData(FileChannel channel, Map<OutgoingTensor, Long> offsets) throws IOException {
        for (OutgoingTensor tensor : tensors) {
            int gap = Math.toIntExact(offsets.get(tensor) - channel.position());
            AtomicFile.writeAll(channel, ByteBuffer.allocate(gap));
            tensor.writeTo(channel);
        }
    }

    private ByteBuffer split(Map<OutgoingTensor, Long> offsets) {
        GraphProto.Builder whole = graph.toBuilder();
        offsets.forEach((tensor, offset) -> whole.addInitializer(described(tensor).toBuilder()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", DATA))
                .addExternalData(entry("offset", String.valueOf(offset)))
                .addExternalData(entry("length", String.valueOf(tensor.bytes())))));
        return ByteBuffer.wrap(model.toBuilder().setGraph(whole).build().toByteArray());
    }

    static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
