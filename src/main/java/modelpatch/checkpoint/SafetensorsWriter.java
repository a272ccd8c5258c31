package modelpatch.checkpoint;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.document.Json;

/**
 * Writes safetensors files, tensor by tensor, so that no more than one of them need be in memory. The same content gives the same bytes:
 * tensors lie without gaps, widest elements first and then by name (so that each is aligned to its elements), metadata is sorted, and the
 * header is padded with spaces to a multiple of eight bytes. (Source: the safetensors format description.)
 */
public final class SafetensorsWriter {
    private static final Comparator<OutgoingTensor> IN_FILE =
            Comparator.<OutgoingTensor>comparingInt(t -> -t.kind().blockBytes()).thenComparing(OutgoingTensor::name);

    private SafetensorsWriter() {}

    /**
     * Writes one file, atomically as {@link AtomicFile} does.
     *
     * @param metadata strings for {@code __metadata__}, left out where there are none
     * @throws BadInput where the disk has no room, naming how much is needed, or the file system refuses
     */
    public static void write(Path file, Map<String, String> metadata, List<OutgoingTensor> tensors) {
        List<OutgoingTensor> ordered = new ArrayList<>(tensors);
        ordered.sort(IN_FILE);
        requireDistinct(ordered);
        byte[] header = header(metadata, ordered);
        if (header.length > Json.MAX_BYTES) {
            throw new BadInput(
                    "header too large",
                    file.toString(),
                    "at most " + Json.MAX_BYTES + " bytes, the format's bound",
                    header.length + " bytes",
                    "store less metadata");
        }
        long size = (long) Long.BYTES + header.length;
        for (OutgoingTensor tensor : ordered) {
            size += tensor.bytes();
        }
        AtomicFile.channel(file, size, channel -> {
            AtomicFile.writeAll(
                    channel,
                    ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(header.length)
                            .flip());
            AtomicFile.writeAll(channel, ByteBuffer.wrap(header));
            for (OutgoingTensor tensor : ordered) {
                tensor.writeTo(channel);
            }
        });
    }

    private static void requireDistinct(List<OutgoingTensor> tensors) {
        Set<String> names = new HashSet<>();
        for (OutgoingTensor tensor : tensors) {
            if (!names.add(tensor.name()) || tensor.name().equals("__metadata__")) {
                throw new IllegalArgumentException("a second tensor named " + tensor.name());
            }
        }
    }

    private static byte[] header(Map<String, String> metadata, List<OutgoingTensor> tensors) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.generator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long offset = 0;
            for (OutgoingTensor tensor : tensors) {
                long end = offset + tensor.bytes();
                json.writeObjectFieldStart(tensor.name());
                json.writeStringField("dtype", tensor.kind().safetensorsName());
                json.writeFieldName("shape");
                long[] shape =
                        tensor.shape().stream().mapToLong(Long::longValue).toArray();
                json.writeArray(shape, 0, shape.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {offset, end}, 0, 2);
                json.writeEndObject();
                offset = end;
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array in memory takes everything
        }
        byte[] padded = Arrays.copyOf(bytes.toByteArray(), (bytes.size() + 7) / 8 * 8);
        Arrays.fill(padded, bytes.size(), padded.length, (byte) ' ');
        return padded;
    }
}
