package modelpatch.export;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import java.nio.file.Path;
import java.util.Map;
import modelpatch.architecture.DecoderLayout;

/** Writes a decoder as an ONNX model, unproved. */
final class OnnxWriter {
    /** What a file says of the program that wrote it. */
    static final String PRODUCER = "modelpatch";

    private OnnxWriter() {}

    /**
     * Writes model.onnx, and beside it model.onnx_data where one file cannot hold it.
     *
     * @param apart low-rank changes that stay apart from the weights, by the name of the weight
     * @param metadata what the model says about itself
     * @param limit bytes that model.onnx may have
     */
    static void write(
            DecoderLayout layout,
            PatchedWeights weights,
            WeightForm form,
            Operators operators,
            Map<String, LowRankFactors> apart,
            Map<String, String> metadata,
            Path directory,
            long limit) {
        OnnxGraph graph = new OnnxGraph(layout.config().modelType());
        DecoderGraph.write(layout, new GraphWeights(graph, weights, form, apart), graph, operators);
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(operators.formatVersion())
                .setProducerName(PRODUCER)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(operators.opset()));
        if (graph.usesRuntimeOperators()) {
            model.addOpsetImport(OperatorSetIdProto.newBuilder()
                    .setDomain(OnnxGraph.RUNTIME_DOMAIN)
                    .setVersion(1));
        }
        metadata.forEach((key, value) -> model.addMetadataProps(OnnxFile.entry(key, value)));
        new OnnxFile(model.build(), graph.proto(), graph.tensors()).write(directory, limit);
    }
}
