using System.Diagnostics;
using System.Globalization;
using Caliper.Data;
using Caliper.Execution;

namespace Caliper.Tool.Measuring;

/// <summary>
/// A program of the user's own that tells how good outputs are. It is given a folder: <c>float</c> and <c>int8</c> hold what each network returns,
/// <c>000000.npz</c> and so on, an array for each output; <c>samples.tsv</c> tells of each sample in which of these files it lies, as which of their
/// rows, what it is called, and its label, which is empty where it has none. The last line that the program prints is the quality.
/// </summary>
internal sealed class MetricProgram : IDisposable
{
    private readonly string _program;
    private readonly ILoader _data;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("caliper-metric-");

    /// <param name="program">The program.</param>
    /// <param name="reference">The float network, whose outputs are written once.</param>
    /// <param name="data">What both are run on.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public MetricProgram(string program, FloatModel reference, ILoader data, CancellationToken cancellationToken)
    {
        (_program, _data) = (program, data);
        try
        {
            using var samples = new StreamWriter(Path.Combine(_folder.FullName, "samples.tsv"));
            Write("float", reference, cancellationToken, (piece, batch, first, count) =>
            {
                for (var i = 0; i < count; i++)
                    samples.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{piece:D6}.npz\t{i}\t{VisibleText.Of(batch.SampleNames[first + i])}\t{batch.Labels?[first + i]}"));
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How good an int8 network is.</summary>
    /// <param name="candidate">The network.</param>
    /// <param name="cancellationToken">Ends the work early, and the program with it.</param>
    /// <exception cref="CaliperException">The program cannot be run, fails, or does not end with a number.</exception>
    public double Of(QuantizedModel candidate, CancellationToken cancellationToken)
    {
        Write("int8", candidate, cancellationToken, null);
        var (output, error, code) = Run(cancellationToken);
        if (code != 0) throw new CaliperException($"'{_program}' failed with exit code {code}{Said(error)}");
        var last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
        return double.TryParse(last, NumberStyles.Float, CultureInfo.InvariantCulture, out var quality) && double.IsFinite(quality) ? quality
            : throw new CaliperException($"'{_program}' must print the quality, a number, as its last line, not '{VisibleText.Of(last)}'.");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Write(string folder, IModel model, CancellationToken cancellationToken, Action<int, Batch, int, int>? tell)
    {
        var path = Directory.CreateDirectory(Path.Combine(_folder.FullName, folder)).FullName;
        var piece = 0;
        foreach (var batch in _data)
        {
            var size = Math.Max(1, Batches.PieceSize(model.Inputs, batch.Inputs, batch.Count));
            for (var first = 0; first < batch.Count; first += size, piece++)
            {
                var count = Math.Min(size, batch.Count - first);
                var inputs = batch.Inputs.ToDictionary(i => i.Key, i => Batches.Samples(i.Value, batch.Count, first, count), StringComparer.Ordinal);
                var file = Path.Combine(path, $"{piece.ToString("D6", CultureInfo.InvariantCulture)}.npz");
                File.Delete(file);
                ArrayWriter.Write(file, model.Run(inputs, cancellationToken));
                tell?.Invoke(piece, batch, first, count);
            }
        }
    }

    private (string Output, string Error, int Code) Run(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_program, [_folder.FullName]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or FileNotFoundException)
        {
            throw new CaliperException($"'{_program}' cannot be run: {error.Message}", error);
        }
        using (process)
        {
            using var ending = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            process.WaitForExit();
            cancellationToken.ThrowIfCancellationRequested();
            return (output.Result, error.Result, process.ExitCode);
        }
    }

    private static string Said(string error) =>
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() is { } line
            ? $": {VisibleText.Of(line)}" : ".";
}
