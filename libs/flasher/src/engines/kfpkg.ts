import type { FlashEngine } from './engine';
import { preparePackage, readPackage, scriptHint } from './package';

/** Packs what goes to the flash chip for a tool with a window, such as kflash_gui. */
export const kfpkgEngine: FlashEngine = {
  name: 'kfpkg',
  summary: 'packs the files of the flash chip',
  uses: ['firmware'],
  prepare: preparePackage,
  deliver: async (context, plan) => {
    const { files, path } = await readPackage(context, plan);
    return [
      `package: ${path} (${files.length} ${files.length === 1 ? 'file' : 'files'})`,
      'open it with a flashing tool for K210 boards, such as kflash_gui',
      scriptHint(context, plan),
    ];
  },
};
