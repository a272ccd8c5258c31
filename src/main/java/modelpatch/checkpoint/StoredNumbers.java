package modelpatch.checkpoint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian numbers in an array of bytes, at any place. */
final class StoredNumbers {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private StoredNumbers() {}

    static int unsigned8(byte[] in, int at) {
        return in[at] & 0xff;
    }

    static short int16(byte[] in, int at) {
        return (short) SHORT.get(in, at);
    }

    static int unsigned16(byte[] in, int at) {
        return int16(in, at) & 0xffff;
    }

    static int int32(byte[] in, int at) {
        return (int) INT.get(in, at);
    }

    static long int64(byte[] in, int at) {
        return (long) LONG.get(in, at);
    }

    /** A half-precision number as float32, exactly. */
    static float half(byte[] in, int at) {
        return HalfPrecision.fromHalf(int16(in, at));
    }
}
