using System.Reflection;

namespace Caliper.Fuzz;

/// <summary>
/// Damages files of every kind that is read, and gives them to every public method that reads such. A method may refuse them by a
/// <see cref="CaliperException"/>; anything else is a finding, and so is a method that nobody thought of.
/// </summary>
internal sealed class FileRun(int seed)
{
    private static readonly string[] Packages =
        ["Caliper.Runtime", "Caliper.Hosting", "Caliper", "Caliper.Torch", "Caliper.Imaging", "Caliper.Text"];

    // Bytes of a file that a finding shows.
    private const int MostShown = 400;

    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, (int Count, string Example)> _findings = new(StringComparer.Ordinal);

    /// <summary>Damages each file some times and returns how many kinds of findings there were.</summary>
    public int Run(int count)
    {
        var (readers, read) = (FileReaders.All(), 0);
        foreach (var method in PublicReaders().Except(readers.Select(r => r.Method))) _findings[$"{method} is given no files"] = (1, "");
        var folder = Directory.CreateTempSubdirectory("caliper-files").FullName;
        try
        {
            foreach (var reader in readers)
            {
                Prepare(folder);
                for (var i = 0; i < count; i++)
                    if (IsRead(reader, folder, isDamaged: i > 0)) read++;
                    else if (i == 0) _findings[$"{reader.Method} refuses '{reader.Name}' as it should be"] = (1, "");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        foreach (var (key, (times, example)) in _findings) Console.WriteLine($"{times,5} × {key}   {example}");
        Console.WriteLine($"{count} files for each of {readers.Length} ways to read one, {read} read; {_findings.Count} kinds of findings");
        return _findings.Count;
    }

    /// <summary>All of some calls, also where one of them refuses what it is given.</summary>
    /// <exception cref="CaliperException">All that were not as they should be.</exception>
    public static void Each(params Action[] calls)
    {
        CaliperException? refused = null;
        foreach (var call in calls)
        {
            try
            {
                call();
            }
            catch (CaliperException error)
            {
                refused = error;
            }
        }
        if (refused is not null) throw refused;
    }

    private static void Prepare(string folder)
    {
        Directory.Delete(folder, recursive: true);
        foreach (var (name, content) in FileReaders.Beside())
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }

    private bool IsRead(FileReader reader, string folder, bool isDamaged)
    {
        var bytes = isDamaged ? Mutants.Damaged(reader.Right, _random) : reader.Right;
        File.WriteAllBytes(Path.Combine(folder, reader.Name), bytes);
        try
        {
            reader.Read(folder);
            return true;
        }
        catch (CaliperException error) when (!error.Message.Contains('\n', StringComparison.Ordinal))
        {
            return false;
        }
        catch (Exception error)
        {
            var finding = Finding.Of(error);
            var key = $"{finding.Kind} at {finding.Place}";
            var shown = Convert.ToBase64String(bytes.AsSpan(0, Math.Min(bytes.Length, MostShown)));
            var example = $"{reader.Method}, '{reader.Name}': {finding.Message} [{shown}]";
            _findings[key] = _findings.TryGetValue(key, out var known) ? known with { Count = known.Count + 1 } : (1, example);
            return false;
        }
    }

    /// <summary>What takes a path, a stream or bytes of a file and reads it, by the names that such methods have.</summary>
    private static IEnumerable<string> PublicReaders() => Packages.SelectMany(p => System.Reflection.Assembly.Load(p).GetExportedTypes())
        .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(m => m.Name is "Load" or "Open" or "Read" or "FromJson" or "Swap"
            && m.GetParameters().Any(p => p.ParameterType == typeof(string) || p.ParameterType == typeof(Stream)))
        .Select(m => $"{m.DeclaringType!.Name}.{m.Name}").Distinct();
}
