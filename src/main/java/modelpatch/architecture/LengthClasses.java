package modelpatch.architecture;

import java.util.List;

/**
 * Sequences whose positions turn alike, by their lengths: LongRoPE (Ding et al. 2024) turns every position of a long sequence otherwise. Keys
 * that a sequence kept while it was of one class do not serve it in another one.
 *
 * @param borders the longest lengths of all classes but the last, ascending; empty where all sequences turn alike
 */
public record LengthClasses(List<Integer> borders) {
    public LengthClasses {
        borders = borders.stream().sorted().distinct().toList();
    }

    /** The class of sequences of a length, counted from 0. */
    public int of(int length) {
        return (int) borders.stream().filter(border -> length > border).count();
    }

    /** The shortest length of a class. */
    public int shortest(int of) {
        return of == 0 ? 0 : borders.get(of - 1) + 1;
    }
}
