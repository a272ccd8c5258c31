package modelpatch.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A day, which begins at midnight UTC, or a moment. */
final class ExpiryDate implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
        try {
            return text.contains("T")
                    ? Instant.parse(text)
                    : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw new TypeConversionException(
                    "expected a day as 2027-06-30 or a moment as 2027-06-30T12:00:00Z, found '" + text + "'");
        }
    }
}
