using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Steps;

/// <summary>Boxes arrive whatever they are made of, nothing beside them is written, and nothing outside of the tensor is read.</summary>
public sealed unsafe class CopyStepTests
{
    private const byte Untouched = 0xEE;

    [Fact]
    public void Channels_change_places_within_their_pixels() =>
        (from groups in Gen.OneOf(Gen.Int[1, 5], Gen.Const(2))
         from own in Gen.OneOf(Gen.Int[1, 12], Gen.Int[12, 70], Gen.Int[100, 130])
         from pixels in Gen.OneOf(Gen.Int[1, 5], Gen.Int[6, 60])
         from size in Gen.OneOf(Gen.Const(1), Gen.Const(4), Gen.Const(8))
         from gaps in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3])
         from isBack in Gen.Bool
         select (groups, own, pixels, size, gaps, isBack)).Sample(c =>
        {
            var (groups, own, pixels, size, gaps, isBack) = c;
            var channels = groups * own;
            var (fromPixel, toPixel) = ((channels + gaps.Item1) * (long)size, (channels + gaps.Item2) * (long)size);
            // Pixels, channels of a group, groups: from one group after the other to one of each in turn, or back.
            int[] lengths = [pixels, own, groups];
            long[] inTurn = [0, groups * size, size], apart = [0, size, own * (long)size];
            long[] from = isBack ? [fromPixel, .. inTurn[1..]] : [fromPixel, .. apart[1..]];
            long[] to = isBack ? [toPixel, .. apart[1..]] : [toPixel, .. inTurn[1..]];
            Check([(lengths, (new Place(0, 0), from), (new Place(1, 0), to))], size, null);
        }, iter: 400);

    [Fact]
    public void Neighbouring_pixels_become_one() =>
        (from channels in Gen.Int[1, 9]
         from plane in Gen.Select(Gen.Int[1, 6], Gen.Int[1, 30])
         from block in Gen.Int[1, 3]
         from size in Gen.OneOf(Gen.Const(1), Gen.Const(4))
         from gaps in Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2])
         select (channels, plane, block, size, gaps)).Sample(c =>
        {
            var (channels, (height, width), block, size, gaps) = c;
            var fromPixel = (channels + gaps.Item1) * (long)size;
            var (fromRow, toPixel) = (fromPixel * width * block, (channels * block * block + gaps.Item2) * (long)size);
            int[] lengths = [1, channels, height, width];
            long[] from = [0, size, fromRow * block, fromPixel * block], to = [0, size, toPixel * width, toPixel];
            var boxes = Enumerable.Range(0, block * block).Select(i =>
            {
                var (y, x) = (i % block, i / block);
                return (lengths, (new Place(0, y * fromRow + x * fromPixel), from), (new Place(1, i * channels * (long)size), to));
            });
            Check([.. boxes], size, CopiedBox.Together([.. boxes], size));
        }, iter: 300);

    private static void Check(
        (int[] Lengths, (Place Place, long[] Strides) From, (Place Place, long[] Strides) To)[] boxes, int size, CopiedBox? together)
    {
        long End(Func<(int[] Lengths, (Place, long[]) From, (Place, long[]) To), (Place Place, long[] Strides)> side) => boxes.Max(b =>
            side(b).Place.Offset + b.Lengths.Zip(side(b).Strides, (length, stride) => (length - 1) * stride).Sum() + size);
        using var from = new GuardedMemory<byte>((int)End(b => b.From));
        using var to = new GuardedMemory<byte>((int)End(b => b.To));
        for (var i = 0; i < from.Span.Length; i++) from.Span[i] = (byte)(i * 7 + i / 251);
        to.Span.Fill(Untouched);
        var expected = to.Span.ToArray();
        foreach (var (lengths, source, target) in boxes)
        {
            for (var i = 0; i < Sizes.Product(lengths); i++)
            {
                var (read, written) = (source.Place.Offset, target.Place.Offset);
                for (int axis = lengths.Length - 1, rest = i; axis >= 0; rest /= lengths[axis--])
                {
                    read += rest % lengths[axis] * source.Strides[axis];
                    written += rest % lengths[axis] * target.Strides[axis];
                }
                from.Span.Slice((int)read, size).CopyTo(expected.AsSpan((int)written));
            }
        }
        CopiedBox[] planned = together is not null ? [together] : [.. boxes.Select(b => CopiedBox.Of(b.Lengths, size, b.From, b.To))];
        var step = new CopyStep(planned, null, null, size, false) { Name = "name", Kind = "copy", BytesTouched = 0 };
        Assert.All(step.Extents, e => Assert.InRange(e.Bytes.High, 0, (e.Place.Slot == 0 ? from : to).Span.Length - e.Place.Offset));
        fixed (byte* source = from.Span) fixed (byte* target = to.Span)
        {
            var slots = stackalloc byte*[] { source, target };
            // In two shares, as two threads do it.
            step.Run(new StepContext(slots, null), 0, step.Units / 2, 0, 1);
            step.Run(new StepContext(slots, null), step.Units / 2, step.Units, 0, 1);
        }
        Assert.Equal(expected, to.Span.ToArray());
    }
}
