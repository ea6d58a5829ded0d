namespace Caliper.Tool.Options;

/// <summary>A program of the user's by the name on the command line: looked for before any work, and not when it is first run.</summary>
internal static class ProgramName
{
    /// <summary>Why the name leads to no program; null where it does.</summary>
    public static string? Problem(string name)
    {
        if (Find(name) is not { } path) return $"There is no program '{name}'.";
        const UnixFileMode mayExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & mayExecute) != 0 ? null
            : $"'{name}' is no program: nobody may execute it.";
    }

    // A name without a folder is looked for where the system looks for programs.
    private static string? Find(string name) => Path.GetFileName(name) != name ? InFolder("", name)
        : Folders().Select(folder => InFolder(folder, name)).FirstOrDefault(path => path is not null);

    private static IEnumerable<string> Folders() =>
    [
        AppContext.BaseDirectory, Environment.CurrentDirectory, Environment.SystemDirectory,
        Environment.GetFolderPath(Environment.SpecialFolder.Windows),
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
    ];

    private static string? InFolder(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? path : OperatingSystem.IsWindows() && File.Exists(path + ".exe") ? path + ".exe" : null;
    }
}
