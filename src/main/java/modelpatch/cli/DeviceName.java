package modelpatch.cli;

import modelpatch.BadInput;
import modelpatch.engine.Device;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Devices as people write them: cpu, gpu, gpu:1. */
final class DeviceName implements ITypeConverter<Device> {
    @Override
    public Device convert(String value) {
        try {
            return Device.of(value);
        } catch (BadInput e) {
            throw new TypeConversionException("'" + value + "' is not cpu, gpu or gpu:N");
        }
    }
}
