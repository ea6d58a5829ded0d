using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Steps;

public sealed unsafe class TransposeStepTests
{
    private static readonly Gen<int> Length = Gen.OneOf(Gen.Int[1, 9], Gen.Int[8, 40], Gen.Int[505, 530]);

    [Fact]
    public void Every_byte_arrives_where_its_index_says_and_nothing_else_is_touched() =>
        (from lengths in Gen.Select(Gen.Int[1, 3], Length, Gen.Int[1, 30], Gen.Int[1, 3])
         from order in Gen.Shuffle(new[] { 0, 1, 2, 3 })
         from gap in Gen.Int[0, 5]
         from flips in Gen.Bool
         select (new[] { lengths.Item1, lengths.Item2, lengths.Item3, lengths.Item4 }, order, gap, flips)).Sample((lengths, order, gap, flips) =>
        {
            long[] toStrides = TensorLayout.DenseStrides(lengths, 1), fromStrides = new long[4];
            // The input lies in another order, with a gap after its innermost axis, as padded pixels have it.
            long stride = 1;
            foreach (var axis in order.Reverse())
            {
                fromStrides[axis] = stride;
                stride *= lengths[axis];
                if (axis == order[^1]) stride += gap;
            }
            int count = Sizes.Product(lengths);
            using var from = new GuardedMemory<byte>((int)stride);
            using var to = new GuardedMemory<byte>(count);
            fixed (byte* source = from.Span) fixed (byte* target = to.Span)
            {
                for (var i = 0; i < stride; i++) source[i] = (byte)(i * 7 + i / 251);
                if (TransposeStep.Of(lengths, (new Place(0, 0), fromStrides), (new Place(1, 0), toStrides), flips, "name", "copy",
                    0) is not { } step) return;

                var slots = stackalloc byte*[] { source, target };
                // In two shares, as two threads do it.
                step.Run(new StepContext(slots, null), 0, step.Units / 2, 0, 1);
                step.Run(new StepContext(slots, null), step.Units / 2, step.Units, 0, 1);
                for (var i = 0; i < count; i++)
                {
                    long at = 0;
                    for (int axis = 3, rest = i; axis >= 0; rest /= lengths[axis--]) at += rest % lengths[axis] * fromStrides[axis];
                    Assert.Equal((byte)(source[at] ^ (flips ? 0x80 : 0)), target[i]);
                }
            }
        }, iter: 300);
}
