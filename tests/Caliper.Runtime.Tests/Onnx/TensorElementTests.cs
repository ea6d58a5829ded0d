using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Runtime.Tests.Onnx;

public class TensorElementTests
{
    [Fact]
    public void Float32_lies_in_floats() => Lies<float>(ElementType.Float32, 2, p => p.FloatData.Add([1.5f, -2]), 1.5f, -2);

    [Fact]
    public void Complex64_lies_in_floats_two_by_two() =>
        Lies<byte>(ElementType.Complex64, 1, p => p.FloatData.Add([0, 2]), 0, 0, 0, 0, 0, 0, 0, 0x40);

    [Fact]
    public void Float64_lies_in_doubles() => Lies(ElementType.Float64, 1, p => p.DoubleData.Add(0.1), 0.1);

    [Fact]
    public void Int64_lies_in_int64s() => Lies(ElementType.Int64, 1, p => p.Int64Data.Add(long.MinValue), long.MinValue);

    [Fact]
    public void UInt64_lies_in_uint64s() => Lies(ElementType.UInt64, 1, p => p.Uint64Data.Add(ulong.MaxValue), ulong.MaxValue);

    [Fact]
    public void UInt32_lies_in_uint64s() => Lies(ElementType.UInt32, 1, p => p.Uint64Data.Add(uint.MaxValue), uint.MaxValue);

    [Fact]
    public void Int32_lies_in_int32s() => Lies(ElementType.Int32, 1, p => p.Int32Data.Add(-5), -5);

    [Fact]
    public void Int16_lies_in_int32s() => Lies<short>(ElementType.Int16, 2, p => p.Int32Data.Add([-5, 300]), -5, 300);

    [Fact]
    public void UInt16_lies_in_int32s() => Lies<ushort>(ElementType.UInt16, 1, p => p.Int32Data.Add(65535), 65535);

    [Fact]
    public void Int8_lies_in_int32s() => Lies<sbyte>(ElementType.Int8, 2, p => p.Int32Data.Add([-128, 127]), -128, 127);

    [Fact]
    public void UInt8_lies_in_int32s() => Lies<byte>(ElementType.UInt8, 1, p => p.Int32Data.Add(255), 255);

    [Fact]
    public void Boolean_lies_in_int32s() => Lies<byte>(ElementType.Boolean, 2, p => p.Int32Data.Add([1, 0]), 1, 0);

    [Fact]
    public void Float16_lies_as_bits_in_int32s() => Lies<ushort>(ElementType.Float16, 1, p => p.Int32Data.Add(0xBC00), 0xBC00);

    [Fact]
    public void BFloat16_lies_as_bits_in_int32s() => Lies<ushort>(ElementType.BFloat16, 1, p => p.Int32Data.Add(0xBF80), 0xBF80);

    [Fact]
    public void Float8_lies_as_bits_in_int32s() => Lies<byte>(ElementType.Float8E5M2, 1, p => p.Int32Data.Add(0xFC), 0xFC);

    [Fact]
    public void Int4_lies_two_to_an_int32() => Lies<byte>(ElementType.Int4, 3, p => p.Int32Data.Add([0xF1, 0x07]), 0xF1, 0x07);

    [Fact]
    public void Raw_bytes_are_not_copied()
    {
        var raw = ByteString.CopyFrom(1, 2, 3, 4);
        var tensor = TensorReader.Read(new TensorProto { DataType = (int)ElementType.Int4, Dims = { 7 }, RawData = raw },
            new ExternalDataReader());
        Assert.True(raw.Memory.Span == tensor.Bytes.Span);
    }

    [Fact]
    public void A_tensor_may_have_no_elements() => Lies<float>(ElementType.Float32, 0, _ => { });

    private static void Lies<T>(ElementType type, long count, Action<TensorProto> fill, params T[] expected) where T : unmanaged
    {
        var proto = new TensorProto { Name = "t", DataType = (int)type, Dims = { count } };
        fill(proto);
        var tensor = TensorReader.Read(proto, new ExternalDataReader());
        Assert.Equal((type, Shape.Of(count)), (tensor.Type, tensor.Shape));
        Assert.Equal(System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected.AsSpan()).ToArray(), tensor.Bytes.ToArray());
        Assert.Equal(tensor.Bytes.ToArray(), TensorWriter.Write("t", tensor).RawData.ToByteArray());
    }
}
