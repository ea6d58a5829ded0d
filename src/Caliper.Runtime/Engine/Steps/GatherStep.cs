using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>Rows of a table at places that a run computes or is fed. A place outside of the table ends the run: nothing beside it is read.</summary>
/// <param name="table">The table, dense.</param>
/// <param name="indices">The places, dense.</param>
/// <param name="isLong">Whether those have 8 bytes.</param>
/// <param name="output">Where the rows go, dense.</param>
/// <param name="sizes">Tables that follow each other, rows of each, places, and bytes of a row.</param>
internal sealed unsafe class GatherStep(
    Place table, Place indices, bool isLong, Place output, (int Outer, int Rows, int Count, long RowBytes) sizes) : Step
{
    public override int Units => sizes.Count;

    public override IEnumerable<Extent> Extents =>
    [
        Extent.Reads(table, new(0, checked(sizes.Outer * sizes.Rows * sizes.RowBytes))),
        Extent.Reads(indices, new(0, (long)sizes.Count * (isLong ? sizeof(long) : sizeof(int)))),
        Extent.Writes(output, new(0, checked(sizes.Outer * sizes.Count * sizes.RowBytes))),
    ];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var (from, places, to) = ((nint)context.At(table), (nint)context.At(indices), (nint)context.At(output));
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var index = isLong ? ((long*)places)[unit] : ((int*)places)[unit];
            var row = index < 0 ? index + sizes.Rows : index;
            if (row < 0 || row >= sizes.Rows)
                throw new CaliperException($"The node '{Name}' was given the index {index} for an axis of {sizes.Rows}.");
            for (var outer = 0; outer < sizes.Outer; outer++)
            {
                var source = (byte*)from + (outer * (long)sizes.Rows + row) * sizes.RowBytes;
                Buffer.MemoryCopy(source, (byte*)to + (outer * (long)sizes.Count + unit) * sizes.RowBytes, sizes.RowBytes, sizes.RowBytes);
            }
        }
    }
}
