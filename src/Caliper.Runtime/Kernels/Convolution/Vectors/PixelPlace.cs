namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Where an output pixel is, in the order of pixels: along rows, rows along images.</summary>
internal struct PixelPlace
{
    private readonly int _width, _height;
    private int _x, _y, _image;

    /// <summary>The place of a pixel.</summary>
    public PixelPlace(ConvolutionShape shape, int pixel)
    {
        (_width, _height) = (shape.OutputWidth, shape.OutputHeight);
        var (row, x) = Math.DivRem(pixel, _width);
        (_image, _y) = Math.DivRem(row, _height);
        _x = x;
    }

    /// <summary>Its distance from the first pixel.</summary>
    public readonly long In(PlaneStrides plane) => _image * plane.Image + (long)_y * plane.Row + (long)_x * plane.Pixel;

    /// <summary>Goes on by some pixels of a row.</summary>
    /// <param name="most">At most how many.</param>
    /// <returns>How many: those that are left of the row.</returns>
    public int Skip(int most)
    {
        var count = Math.Min(most, _width - _x);
        if ((_x += count) < _width) return count;
        _x = 0;
        if (++_y == _height) (_y, _image) = (0, _image + 1);
        return count;
    }
}
