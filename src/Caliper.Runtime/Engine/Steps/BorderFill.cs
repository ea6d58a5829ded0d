using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>Fills the border around the pixels of an NHWC tensor with the byte that stands for 0.</summary>
/// <param name="Start">The first byte of the border: above and left of pixel (0, 0) of image 0.</param>
/// <param name="Images">Images in the batch.</param>
/// <param name="ImageStride">Bytes from image to image.</param>
/// <param name="Rows">Rows with pixels.</param>
/// <param name="RowStride">Bytes from row to row, borders included.</param>
/// <param name="Top">Rows above.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="LeftBytes">Bytes left of a row's pixels.</param>
/// <param name="RightBytes">Bytes right of a row's pixels.</param>
/// <param name="Value">The byte.</param>
internal sealed record BorderFill(
    Place Start, int Images, long ImageStride, int Rows, int RowStride, int Top, int Bottom, int LeftBytes, int RightBytes, byte Value)
{
    /// <summary>What it writes, the pixels between the borders counted in.</summary>
    public Extent Extent => Extent.Writes(Start, ByteSpan.Of(checked(((long)Top + Rows + Bottom) * RowStride), (Images, ImageStride)));

    public unsafe void Run(in StepContext context)
    {
        for (var image = 0; image < Images; image++)
        {
            var row = context.At(Start) + image * ImageStride;
            // What is right of one row and left of the next lies side by side, and so do the rows above and below.
            var first = checked((uint)(Top * (long)RowStride + LeftBytes));
            if (first > 0) Unsafe.InitBlockUnaligned(row, Value, first);
            row += (long)Top * RowStride + RowStride - RightBytes;
            if (LeftBytes + RightBytes > 0)
            {
                for (var y = 1; y < Rows; y++, row += RowStride) Unsafe.InitBlockUnaligned(row, Value, (uint)(LeftBytes + RightBytes));
            }
            else row += (long)(Rows - 1) * RowStride;
            var last = checked((uint)(RightBytes + Bottom * (long)RowStride));
            if (last > 0) Unsafe.InitBlockUnaligned(row, Value, last);
        }
    }
}
