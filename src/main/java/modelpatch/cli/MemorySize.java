package modelpatch.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import modelpatch.Numbers;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes as people write them: bytes, or a number before K, M or G, in powers of 1024. */
final class MemorySize implements ITypeConverter<Long> {
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})\\s*([KMG]?)B?");

    @Override
    public Long convert(String value) {
        Matcher matcher = SIZE.matcher(value.trim().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + value + "' is not a size such as 1600M or 4G");
        }
        String unit = matcher.group(2);
        int exponent = unit.isEmpty() ? 0 : 10 * (1 + "KMG".indexOf(unit));
        return Long.parseLong(matcher.group(1)) << exponent;
    }

    /** The size for a reader, in mebibytes or gibibytes. */
    static String text(long bytes) {
        double mebibytes = bytes / (double) (1 << 20);
        return mebibytes < 2048 ? Numbers.format("%.0f MB", mebibytes) : Numbers.format("%.1f GB", mebibytes / 1024);
    }
}
