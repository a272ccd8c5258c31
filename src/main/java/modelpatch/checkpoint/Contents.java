package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a reader found at a path, the same for every format.
 *
 * @param files the open files, owned by the checkpoint from here on
 * @param config the Hugging Face style configuration; null where a lone tensor file has none beside it
 * @param tensors by name
 * @param metadata key-values of the file, in its order
 * @param storedForms for tensors whose rows are stored in another order than the shape's, that order
 */
record Contents(
        Checkpoint.Format format,
        List<OpenFile> files,
        JsonNode config,
        SortedMap<String, TensorInfo> tensors,
        Map<String, JsonNode> metadata,
        Map<String, StoredForm> storedForms) {}
