namespace Glyphs.Layers;

/// <summary>
/// What a layer puts out for a batch, and the gradient of the loss with respect to it: images × height × width × channels,
/// channels innermost, so that one vector register holds the same pixel of eight channels.
/// </summary>
internal sealed class Activation(int images, int height, int width, int channels)
{
    private float[]? _gradient;

    /// <summary>Number of images.</summary>
    public int Images => images;

    /// <summary>Rows of an image.</summary>
    public int Height => height;

    /// <summary>Columns of an image.</summary>
    public int Width => width;

    /// <summary>Channels of a pixel.</summary>
    public int Channels => channels;

    /// <summary>Pixels of an image.</summary>
    public int Pixels => height * width;

    /// <summary>Numbers of an image.</summary>
    public int ImageSize => height * width * channels;

    /// <summary>The values.</summary>
    public float[] Values { get; } = new float[images * height * width * channels];

    /// <summary>The gradient; made when it is first asked for, as evaluation needs none.</summary>
    public float[] Gradient =>
        // Several threads may be the first to ask; all must get the same array.
        LazyInitializer.EnsureInitialized(ref _gradient, () => new float[images * height * width * channels]);

    /// <summary>This activation if it has the given sizes, else a new one; layers keep theirs from batch to batch.</summary>
    public static Activation Reuse(Activation? old, int images, int height, int width, int channels) =>
        old is not null && (old.Images, old.Height, old.Width, old.Channels) == (images, height, width, channels)
            ? old
            : new Activation(images, height, width, channels);
}
