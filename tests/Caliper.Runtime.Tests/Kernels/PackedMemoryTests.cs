using Caliper.Kernels;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

public unsafe class PackedMemoryTests
{
    [Fact]
    public void Allocations_are_aligned_zeroed_and_never_overlap() =>
        Gen.OneOf(Gen.Int[1, 200], Gen.Int[1, 400_000]).Array[1, 20].Sample(lengths =>
        {
            using var memory = new PackedMemory();
            var starts = new nint[lengths.Length];
            for (var i = 0; i < lengths.Length; i++)
            {
                starts[i] = (nint)memory.Allocate(lengths[i]).Start;
                Assert.Equal(0, starts[i] % NativeBuffer.Alignment);
                var bytes = new Span<byte>((void*)starts[i], lengths[i]);
                Assert.False(bytes.ContainsAnyExcept((byte)0));
                bytes.Fill((byte)(i + 1));
            }
            for (var i = 0; i < lengths.Length; i++)
                Assert.False(new Span<byte>((void*)starts[i], lengths[i]).ContainsAnyExcept((byte)(i + 1)));
        });

    [Fact]
    public void What_is_larger_than_a_piece_gets_one_of_its_own()
    {
        using var memory = new PackedMemory();
        const int Length = 20 * 1024 * 1024;
        var start = memory.Allocate(Length).Start;
        start[Length - 1] = 1;
        Assert.Equal(Length - 1, new Span<byte>(start, Length).IndexOfAnyExcept((byte)0));
    }
}
