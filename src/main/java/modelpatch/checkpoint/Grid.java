package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import modelpatch.document.Json;

/**
 * A list of points of which a block names one for each 8 or 4 elements. The points are part of the format; grids.json holds them and says where
 * they come from.
 */
final class Grid {
    private static final String RESOURCE = "grids.json";

    private final int coordinates;
    private final byte[] points;

    private Grid(JsonNode described) {
        this.coordinates = described.path("coordinates").intValue();
        byte[] values = new byte[described.path("values").size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) described.path("values").get(i).intValue();
        }
        StringBuilder digits = new StringBuilder();
        described.path("points").forEach(line -> digits.append(line.textValue()));
        this.points = new byte[digits.length()];
        for (int i = 0; i < points.length; i++) {
            points[i] = values[digits.charAt(i) - '0'];
        }
    }

    /** The grid of a name in the resource. */
    static Grid of(String name) {
        try (InputStream in = Grid.class.getResourceAsStream(RESOURCE)) {
            return new Grid(Json.parse(in.readAllBytes(), RESOURCE).required(name));
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " of this program cannot be read", e);
        }
    }

    /**
     * One point, each coordinate times a scale, and negative where its sign says so.
     *
     * @param point which one
     * @param signs bit i is set where coordinate i is negative
     */
    void put(int point, int signs, float scale, float[] out, int to) {
        int from = point * coordinates;
        for (int i = 0; i < coordinates; i++) {
            int value = points[from + i];
            out[to + i] = scale * (((signs >>> i) & 1) == 0 ? value : -value);
        }
    }

    /** One point, each coordinate moved by a shift and then times a scale. */
    void putShifted(int point, float shift, float scale, float[] out, int to) {
        int from = point * coordinates;
        for (int i = 0; i < coordinates; i++) {
            out[to + i] = scale * (points[from + i] + shift);
        }
    }
}
