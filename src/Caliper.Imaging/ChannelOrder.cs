namespace Caliper.Imaging;

/// <summary>In which order a network takes the colours of a pixel.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue: networks trained in PyTorch.</summary>
    Rgb,
    /// <summary>Blue, green, red: networks trained in Caffe, and others that read images with OpenCV.</summary>
    Bgr,
}
