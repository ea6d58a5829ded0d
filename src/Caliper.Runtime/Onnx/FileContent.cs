using System.Runtime.InteropServices;

namespace Caliper.Onnx;

/// <summary>
/// A whole file in memory outside of the managed heap, which gets it back the moment parsing has copied the weights: the
/// heap sees each weight once. (A mapped file would need no memory, but crashes the process if somebody shortens it.)
/// </summary>
internal sealed unsafe class FileContent : IDisposable
{
    private readonly void* _bytes;
    private readonly int _length;

    /// <exception cref="CaliperException">The file is too large for an ONNX file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FileContent(FileStream file)
    {
        if (file.Length > int.MaxValue)
        {
            throw new CaliperException($"The file '{file.Name}' is larger than the 2 GiB that an ONNX file can be; "
                + "export the model again with its weights in a second file.");
        }
        _length = (int)file.Length;
        _bytes = NativeMemory.Alloc((nuint)Math.Max(1, _length));
        try
        {
            file.ReadExactly(new Span<byte>(_bytes, _length));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ReadOnlySpan<byte> Span => new(_bytes, _length);

    public void Dispose() => NativeMemory.Free(_bytes);
}
